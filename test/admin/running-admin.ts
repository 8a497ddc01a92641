// The admin port over real HTTP for tests: a server for a view, asked with or without its token.
import { once } from 'node:events';
import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Authenticator } from '../../admin/access/authenticator.ts';
import { createAdminServer } from '../../admin/admin-server.ts';
import type { PlatformView } from '../../admin/platform-view.ts';
import type { Problem } from '../../core/problem.ts';

export const TOKEN = 'a-token-of-some-length';
export const AUTH = { authorization: `Bearer ${TOKEN}` };

interface Answer<Body> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Body;
}

export type Ask = <Body = Problem>(
  path: string,
  headers?: object,
  method?: string,
  body?: object,
) => Promise<Answer<Body>>;

export type StartAdmin = (
  view: PlatformView,
  onError?: (error: unknown) => void,
  authenticators?: readonly Authenticator[],
) => Promise<Ask>;

/** To be called in `describe`: what is started is closed after each test. */
export function adminPorts(): StartAdmin {
  const open = new Set<Server>();
  afterEach(() => {
    for (const server of open) server.close();
    open.clear();
  });
  return async (view, onError, authenticators) => {
    const server = createAdminServer(view, {
      token: TOKEN,
      allowedHosts: ['admin.example'],
      authenticators,
      ...(onError ? { onError } : {}),
    });
    open.add(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return (path, headers = AUTH, method = 'GET', body) =>
      new Promise((resolve, reject) => {
        const type = body && { 'content-type': 'application/json' };
        const sent = request({ port, path, method, headers: { ...type, ...headers }, agent: false }, async response => {
          let text = '';
          const isStream = response.headers['content-type'] === 'text/event-stream';
          for await (const chunk of response) {
            text += chunk;
            // A stream of changes goes on for ever; its state has been told.
            if (isStream && text.includes('event: synced')) break;
          }
          const isJson = /json/.test(response.headers['content-type'] ?? '');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: isJson && text ? JSON.parse(text) : undefined,
          });
        });
        sent.on('error', reject);
        sent.end(body && JSON.stringify(body));
      });
  };
}
