// The real admin server over a platform made of values, announced in a folder as a
// running platform does it.

import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdminServer } from '../../admin/admin-server.ts';
import type { PlatformView } from '../../admin/platform-view.ts';

export interface AnnouncedAdmin {
  readonly url: string;
  readonly token: string;
  close(): void;
}

interface AdminWishes {
  readonly token?: string;
  readonly port?: number;
  /** Called for each request. */
  asked?(url: string): void;
}

export async function announceAdmin(
  view: PlatformView,
  directory: string,
  more: Record<string, unknown> = {},
  { token = 'token-of-the-test', port = 0, asked = () => {} }: AdminWishes = {},
): Promise<AnnouncedAdmin> {
  const server = createAdminServer(view, { token });
  server.on('request', ({ url = '' }) => asked(url));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeState(directory, {
    pid: process.pid,
    addresses: { public: url, internal: url, admin: url },
    adminToken: token,
    ...more,
  });
  return {
    url,
    token,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function writeState(directory: string, state: Record<string, unknown>): void {
  mkdirSync(join(directory, '.tenfold'), { recursive: true });
  const content = { version: '1.2.3', internalKey: 'key', internalKeys: { default: 'key' }, ...state };
  writeFileSync(join(directory, '.tenfold', 'platform.json'), JSON.stringify(content));
}
