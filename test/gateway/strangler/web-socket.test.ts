// WebSocket connections through the facade: they lead to the side that the phase says, and are no
// part of what is compared.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { eventually } from '../../eventually.ts';
import { serveYaml } from '../serve-yaml.ts';

/** Agrees to every upgrade and sends its name. */
async function startSide(name: string): Promise<{ origin: string; close(): void }> {
  const sockets: Socket[] = [];
  const server: Server = createServer((_request, response) => void response.end(name));
  server.on('upgrade', (_request, socket: Socket) => {
    sockets.push(socket);
    socket
      .on('error', () => {})
      .on('end', () => socket.end())
      .resume();
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello from ${name}`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('WebSocket through a facade', () => {
  const rows = [
    { name: 'what no feature lists', path: '/chat', phase: 'live', side: 'legacy' },
    { name: 'the phase legacy', path: '/orders/live', phase: 'legacy', side: 'legacy' },
    { name: 'the phase shadow', path: '/orders/live', phase: 'shadow', side: 'legacy' },
    { name: 'the phase live', path: '/orders/live', phase: 'live', side: 'new' },
  ];
  for (const { name, path, phase, side } of rows) {
    it(`leads to ${side}: ${name}`, async () => {
      const [legacy, fresh] = await Promise.all([startSide('legacy'), startSide('new')]);
      const listener = await serveYaml(`
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec:
  legacy: { url: '${legacy.origin}' }
  features: [{ name: orders, match: { path: /orders/* }, to: { url: '${fresh.origin}' }, phase: ${phase} }]
`);
      const socket = connect(Number(new URL(listener.address).port), '127.0.0.1');
      try {
        let text = '';
        socket.setEncoding('latin1').on('data', chunk => {
          text += chunk;
        });
        socket.write(
          `GET ${path} HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
        );
        await eventually(() => text.includes(`hello from ${side}`), `${side} says hello`);
        assert.match(text, /^HTTP\/1\.1 101 /);
        const report = listener.facade('shop').feature('orders').report();
        assert.deepEqual([report.sides.legacy.requests, report.sides.new.requests, report.shadow.compared], [0, 0, 0]);
      } finally {
        socket.destroy();
        await listener.close();
        legacy.close();
        fresh.close();
      }
    });
  }
});
