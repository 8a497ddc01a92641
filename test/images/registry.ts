// A real image registry (of go-containerregistry) for tests, and what may stand in front of one: a
// demand for tokens, and answers that are lost.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildGo } from '../cluster/go-binary.ts';

export interface TestRegistry {
  /** Host and port. */
  readonly host: string;
  /** What was asked, e.g. `PUT /v2/shop/orders/manifests/1`; the newest last. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function startRegistry(): Promise<TestRegistry> {
  const binary = await buildGo('../services/registry', '', '.', 'registry');
  const child = spawn(binary, { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const asked: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) {
      const [, call] = /^((?:GET|HEAD|POST|PUT|PATCH) \S+)/.exec(line) ?? [];
      if (call !== undefined) asked.push(call);
    }
  });
  const [first] = await once(child.stdout.setEncoding('utf8'), 'data');
  return {
    host: String(first).trim(),
    asked,
    async close() {
      process.removeListener('exit', kill);
      const ended = once(child, 'exit');
      kill();
      await ended;
    },
  };
}

export interface Front {
  readonly host: string;
  close(): Promise<void>;
}

/**
 * Passes requests on, unless `instead` has answered. `lose` breaks the
 * connection in place of the answer.
 */
export async function startFront(
  behind: string,
  instead: (request: IncomingMessage, response: ServerResponse) => boolean,
  lose: (request: IncomingMessage) => boolean = () => false,
): Promise<Front> {
  const server = createServer((incoming, response) => {
    if (instead(incoming, response)) return;
    const [host, port] = behind.split(':');
    const lost = lose(incoming);
    const { method, url, headers } = incoming;
    const outgoing = request({ host, port, method, path: url, headers: { ...headers, host: behind } }, answer => {
      if (lost) {
        answer.resume().once('end', () => incoming.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => incoming.socket.destroy());
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
