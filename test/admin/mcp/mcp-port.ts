// An admin port that answers MCP over a made platform, and clients of it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type AdminOptions, createAdminServer } from '../../../admin/admin-server.ts';
import type { PlatformView } from '../../../admin/platform-view.ts';
import { packageFile } from '../../../server/package-file.ts';
import { TOKEN } from '../running-admin.ts';

export interface McpPort {
  readonly url: URL;
  /** A POST by hand; with the admin token, where `headers` say nothing else. */
  post(body: unknown, headers?: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Response>;
  /** The text of the answer of a tool, which may be an error. */
  ask(tool: string, input?: object, headers?: Readonly<Record<string, string>>): Promise<string>;
}

export type StartMcpPort = (view: PlatformView, options?: Partial<AdminOptions>) => Promise<McpPort>;

/** To be called in `describe`: what is started is closed after each test. */
export function mcpPorts(): StartMcpPort {
  const servers = new Set<Server>();
  const clients = new Set<Client>();
  afterEach(async () => {
    for (const client of clients) await client.close();
    for (const server of servers) server.close().closeAllConnections();
    clients.clear();
    servers.clear();
  });
  return async (view, options) => {
    const server = createAdminServer(view, { token: TOKEN, docsFolder: packageFile('docs/reference'), ...options });
    servers.add(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
    const bearer = { authorization: `Bearer ${TOKEN}` };
    return {
      url,
      post: (body, headers = bearer, signal) =>
        fetch(url, {
          method: 'POST',
          headers: {
            accept: 'application/json, text/event-stream',
            'content-type': 'application/json',
            ...headers,
          },
          body: JSON.stringify(body),
          ...(signal && { signal }),
        }),
      async ask(name, input = {}, headers = bearer) {
        const client = new Client({ name: 'test', version: '1' });
        clients.add(client);
        await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
        const { content } = await client.callTool({ name, arguments: { ...input } });
        const [only] = content;
        return only?.type === 'text' ? only.text : assert.fail(JSON.stringify(content));
      },
    };
  };
}

/** The token in the text of a plan. */
export function planToken(text: string): string {
  return /\{"token": "([^"]+)"\}/.exec(text)?.[1] ?? assert.fail(text);
}
