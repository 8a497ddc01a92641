// A client that is gone, by FIN or by RST, in whatever it was doing: the target's side ends at
// once, and so does its place in the limits of the function.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { eventually } from '../../eventually.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: chat }
spec: { source: ./chat.ts, limits: { concurrency: 1, waiting: 0 } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: page }
spec:
  parts: { one: { to: { function: chat }, path: /waits } }
  response: { body: { one: "\${one.status}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { path: /page }, to: { aggregate: page } }
    - { match: { path: "/*" }, to: { function: chat }, upgrade: [websocket] }
`;
const head = (line: string, ...fields: string[]) =>
  `${[`${line} HTTP/1.1`, 'Host: a.example', ...fields].join('\r\n')}\r\n\r\n`;
const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

const doings: Readonly<Record<string, string>> = {
  'speaks WebSocket': head('GET /socket', ...UPGRADE),
  'asked for WebSocket and has no answer yet': head('GET /pending', ...UPGRADE),
  'waits for an answer': head('GET /waits'),
  'reads events': head('GET /events'),
  'reads a long answer of known length': head('GET /download'),
  'uploads a body of known length': `${head('POST /waits', 'Content-Length: 1000')}begun`,
  'uploads chunks': `${head('POST /waits', 'Transfer-Encoding: chunked')}5\r\nbegun\r\n`,
  'waits for an aggregate': head('GET /page'),
};

describe('a client that is gone', () => {
  let upstream: Server;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  /** What the target has open. */
  const open = new Set<Socket>();

  before(async () => {
    upstream = createServer((request: IncomingMessage, response: ServerResponse) => {
      open.add(request.socket);
      response.on('close', () => open.delete(request.socket));
      if (request.url === '/free') response.end('free');
      else if (request.url === '/events')
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      else if (request.url === '/download') response.writeHead(200, { 'content-length': '1000' }).write('begun');
    });
    upstream.on('upgrade', (request, socket: Socket) => {
      open.add(socket);
      socket
        .on('end', () => open.delete(socket))
        .on('close', () => open.delete(socket))
        .on('error', () => {});
      if (request.url !== '/pending')
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      // It does not end its own side, as the gateway must not wait for that.
      socket.resume();
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    listener = await serveYaml(yaml, {
      functions: { chat: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` },
    });
  });
  after(async () => {
    await listener.close();
    upstream.closeAllConnections();
    for (const socket of open) socket.destroy();
    upstream.close();
  });

  for (const [doing, bytes] of Object.entries(doings)) {
    for (const way of ['FIN', 'RST'] as const) {
      it(`by ${way}, that ${doing}: its target is left, and its place in the limits is free`, async () => {
        const client = connect(Number(new URL(listener.address).port), '127.0.0.1');
        client.on('error', () => {}).resume();
        client.write(bytes);
        await eventually(() => open.size === 1, 'the target has it');
        if (doing === 'speaks WebSocket') await eventually(() => client.bytesRead > 0, 'it speaks');
        assert.equal((await fetch(`${listener.address}/free`)).status, 503, 'its place is taken');
        if (way === 'FIN') client.end();
        else client.resetAndDestroy();
        await eventually(() => open.size === 0, 'the target is left');
        await eventually(async () => (await fetch(`${listener.address}/free`)).status === 200, 'its place is free');
        client.destroy();
      });
    }
  }
});
