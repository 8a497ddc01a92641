// What a call of the event plane means for its event, over real sockets: whether
// anything of it was delivered.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { realWorld } from '../../../core/world.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { createUrlTarget } from '../../../gateway/upstream/url-target.ts';
import { createCaller } from '../../../server/events/callers.ts';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import { errorToOutcome, toOutcome } from '../../../worker/deliver/to-outcome.ts';
import { first } from '../../fixtures/tls/certificates.ts';

const request = {
  method: 'POST',
  path: '/',
  headers: ['content-length', '2'],
  body: '{}',
  trace: undefined,
  timeoutMs: 500,
  maxAnswerBytes: 1000,
  priority: 5,
};

describe('whether a call was delivered', () => {
  const transport = createTransport({ checkAddress: () => undefined, connectTimeoutMs: 300 });
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  after(async () => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
    await transport.destroy();
  });

  async function listen(server: Server): Promise<string> {
    server.on('connection', socket => sockets.add(socket));
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Of a port that nobody listens on. */
  async function closedPort(): Promise<string> {
    const server = createServer();
    const address = await listen(server);
    await new Promise(resolve => server.close(resolve));
    return address;
  }

  const answering = (act: (socket: Socket) => void) =>
    listen(createServer(socket => socket.on('error', () => {}).once('data', () => act(socket))));

  async function outcomeOf(url: string): Promise<Outcome> {
    const target = createUrlTarget(transport, 'default', url);
    const caller = createCaller(realWorld, { label: 'url', target: () => target, timeoutMs: () => undefined });
    try {
      return toOutcome(await caller.call(request, new AbortController().signal), Date.now());
    } catch (error) {
      return errorToOutcome(error);
    }
  }

  const NOT_DELIVERED: Readonly<Record<string, () => Promise<string>>> = {
    'nobody listens': async () => `http://${await closedPort()}`,
    'nobody listens, with TLS': async () => `https://${await closedPort()}`,
    'its name cannot be resolved': async () => 'http://nobody.invalid',
    'its name cannot be resolved, with TLS': async () => 'https://nobody.invalid',
    'its certificate is not trusted': async () => `https://${await listen(createTlsServer(first))}`,
    'it speaks no TLS': async () => {
      const plain = createServer(socket =>
        socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 400 No\r\n\r\n')),
      );
      return `https://${await listen(plain)}`;
    },
    'it hangs up during the handshake': async () => `https://${await listen(createServer(socket => socket.destroy()))}`,
  };
  for (const [what, urlOf] of Object.entries(NOT_DELIVERED)) {
    it(`${what}: nothing was, so it is no attempt`, async () => {
      const outcome = await outcomeOf(await urlOf());
      assert.deepEqual(
        [outcome.kind, outcome.kind === 'later' && outcome.down],
        ['later', true],
        JSON.stringify(outcome),
      );
    });
  }

  const LOST: Readonly<Record<string, (socket: Socket) => void>> = {
    'it resets the connection': socket => socket.resetAndDestroy(),
    'it ends the connection': socket => socket.end(),
    'it breaks off its answer': socket => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
    'it answers with something else': socket => socket.end('hello\r\n\r\n'),
    'it never answers': () => {},
  };
  for (const [what, act] of Object.entries(LOST)) {
    it(`${what}: it may have been worked on, so it is an attempt unless all calls end so`, async () => {
      const outcome = await outcomeOf(`http://${await answering(act)}`);
      assert.ok(outcome.kind === 'failed' && outcome.retryable && outcome.doubt === 'lost', JSON.stringify(outcome));
    });
  }
});
