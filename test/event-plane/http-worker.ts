// A program that works jobs, or is called back: answers as a test says and remembers what it got.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collect } from '../../gateway/exchange/read-body.ts';

export interface Seen {
  readonly request: IncomingMessage;
  readonly body: string;
}

export async function startHttpWorker(answer: (seen: Seen, response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const got = { request, body: (await collect(request, 1e6)).toString() };
    seen.push(got);
    answer(got, response);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    seen,
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
