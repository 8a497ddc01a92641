// A relational service for a test: on a free port, with its data in a
// folder that goes away with it.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Settings, startPool } from '../relational/pool.ts';
import { createService } from '../relational/server.ts';

export async function startService(settings: Partial<Settings> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'content-import-'));
  const file = join(folder, 'articles.db');
  const pool = await startPool({ file, connections: 4, waiting: 64, roundTripMs: 0, patienceMs: 2_000, ...settings });
  const server = createService(pool);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function ask(path: string, body?: unknown) {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(url + path, init);
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  }
  return {
    file,
    url,
    ask,
    async close() {
      server.close();
      server.closeAllConnections();
      await pool.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Service = Awaited<ReturnType<typeof startService>>;
