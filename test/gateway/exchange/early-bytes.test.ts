// What a client sends before its target has agreed to another protocol: it comes to the target, all
// of it and in order, however much it is.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { eventually } from '../../eventually.ts';
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
spec: { routes: [{ match: { path: "/*" }, to: { function: chat }, upgrade: [websocket] }] }
`;
const HEAD =
  'GET /socket HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

describe('bytes before a target has agreed', () => {
  let upstream: Server;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  /** Connections to the target, the newest last. */
  const asked: Socket[] = [];
  const got: Buffer[] = [];

  before(async () => {
    upstream = createServer().on('upgrade', (_request, socket: Socket) => {
      asked.push(socket.on('error', () => {}));
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const chat = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    listener = await serveYaml(yaml, { functions: { chat } });
  });
  after(async () => {
    for (const socket of asked) socket.destroy();
    await listener.close();
    upstream.close();
  });

  for (const size of [10, 300_000]) {
    it(`come to it in order: ${size} of them`, async () => {
      asked.length = 0;
      got.length = 0;
      const sent = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
      const client = connect(Number(new URL(listener.address).port), '127.0.0.1');
      client.on('error', () => {}).resume();
      client.write(HEAD);
      await eventually(() => asked.length > 0, 'the target is asked');
      client.write(sent.subarray(0, size / 2));
      client.write(sent.subarray(size / 2));
      // All that the gateway takes before the answer.
      await eventually(() => client.bytesWritten > Math.min(size, 60_000), 'some are on their way');
      const [target] = asked;
      target?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      target?.on('data', chunk => got.push(chunk));
      await eventually(() => got.reduce((sum, { length }) => sum + length, 0) >= size, 'all have come');
      assert.deepEqual(Buffer.concat(got), sent);
      client.destroy();
    });
  }
});
