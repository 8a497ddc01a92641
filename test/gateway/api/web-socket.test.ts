// WebSocket connections through the gateway: only where a route allows them, behind the same
// checks, ended from either side.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { eventually } from '../../eventually.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: chat }
spec: { source: ./chat.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
    - { match: { path: /chat }, to: { function: chat }, upgrade: [websocket] }
    - { match: { path: /plain }, to: { function: chat } }
`;
const handshake = (path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;

describe('WebSocket', () => {
  let upstream: Server;
  let seen: { url: string | undefined; headers: NodeJS.Dict<string | string[]> }[] = [];
  let sockets: Socket[] = [];
  let listener: Awaited<ReturnType<typeof serveYaml>>;

  before(async () => {
    upstream = createServer((request, response) => {
      seen.push({ url: request.url, headers: request.headers });
      response.end('ordinary');
    });
    // An echo: what comes goes back, byte by byte; frames are the clients' business.
    upstream.on('upgrade', (request, socket: Socket, first: Buffer) => {
      seen.push({ url: request.url, headers: request.headers });
      sockets.push(socket);
      if (request.url?.includes('refuse')) {
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
        return;
      }
      const accept = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      if (first.length > 0) socket.write(first);
      socket.on('error', () => {});
      socket.pipe(socket);
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
    for (const socket of sockets) socket.destroy();
    upstream.close();
  });
  beforeEach(() => {
    seen = [];
    sockets = [];
  });

  async function open(path: string) {
    const socket = connect(Number(new URL(listener.address).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', chunk => (text += chunk));
    socket.write(handshake(path));
    await eventually(() => text.includes('\r\n\r\n'), 'the answer to the handshake is there');
    return { socket, text: () => text };
  }

  it('passes bytes both ways after the handshake, with the path that the target knows', async () => {
    const { socket, text } = await open('/shop/chat?room=1');
    assert.match(text(), /^HTTP\/1\.1 101 /);
    assert.match(text(), /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
    assert.equal(seen[0]?.url, '/chat?room=1');
    assert.equal(seen[0]?.headers['x-forwarded-host'], 'a.example');
    socket.write('ping');
    await eventually(() => text().endsWith('ping'), 'the echo is there');
    socket.destroy();
  });

  it('ends the target’s side when the client ends, and reports the connection', async () => {
    const { socket } = await open('/shop/chat');
    await eventually(() => sockets.length === 1, 'the target is connected');
    const before = listener.answered.length;
    socket.destroy();
    await eventually(() => sockets[0]?.destroyed === true, 'the target’s side is closed');
    await eventually(() => listener.answered.length === before + 1, 'the end is reported');
    assert.equal(listener.answered.at(-1)?.status, 101);
  });

  it('ends the client’s side when the target ends', async () => {
    const { socket } = await open('/shop/chat');
    await eventually(() => sockets.length === 1, 'the target is connected');
    const closed = once(socket, 'close');
    sockets[0]?.destroy();
    await closed;
  });

  it('gives the target’s refusal to the client as it is', async () => {
    const answer = await sendRaw(listener.address, handshake('/shop/chat?refuse'));
    assert.deepEqual(answer.statuses, [403]);
  });

  it('is an ordinary request where the route does not allow it', async () => {
    const answer = await sendRaw(listener.address, handshake('/shop/plain'));
    assert.deepEqual(answer.statuses, [200]);
    assert.equal(seen[0]?.headers.upgrade, undefined);
  });

  it('is refused like any request when its head is malformed', async () => {
    const answer = await sendRaw(listener.address, handshake('/shop/chat', 'Host: b.example\r\n'));
    assert.deepEqual(answer.statuses, [400]);
    assert.equal(seen.length, 0);
  });

  it('does not hold up the listener when it closes', async () => {
    const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const closing = await serveYaml(yaml, { functions: { chat: origin } });
    const socket = connect(Number(new URL(closing.address).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', chunk => (text += chunk));
    socket.write(handshake('/shop/chat'));
    await eventually(() => text.includes('101'), 'the tunnel is open');
    const ended = once(socket, 'close');
    await closing.close();
    await ended;
  });
});
