// WebSocket handshakes pass the same checks as requests, and one more that browsers do not make.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { sendRaw } from '../../fakes/raw-http.ts';
import { ordersYaml, shopYaml } from '../api/shop-yaml.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = shopYaml(
  `  auth: { apiKey: { secret: keys } }
  cors: { origins: ['https://shop.example.com'] }`,
  '    - { match: { path: /chat }, to: { function: orders }, upgrade: [websocket] }',
);

describe('a WebSocket handshake', () => {
  let upstream: Server;
  let served: Awaited<ReturnType<typeof serveYaml>>;
  let seen: IncomingMessage[];

  beforeEach(async () => {
    seen = [];
    upstream = createServer();
    upstream.on('upgrade', (request, socket: Socket) => {
      seen.push(request);
      const accept = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.end(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
    });
    await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve));
    served = await serveYaml(yaml + ordersYaml, {
      functions: { orders: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` },
      secrets: () => ({ ada: createHash('sha256').update('key').digest('hex') }),
    });
  });
  afterEach(async () => {
    await served.close();
    upstream.close();
  });

  const rows: Record<string, [string, number]> = {
    'is refused without credentials': ['', 401],
    'is refused with a wrong key': ['X-API-Key: guess\r\n', 401],
    'is let in with a key': ['X-API-Key: key\r\n', 101],
    'is let in for a page of an allowed origin': ['X-API-Key: key\r\nOrigin: https://shop.example.com\r\n', 101],
    'is let in for a page of the own origin': ['X-API-Key: key\r\nOrigin: https://a.example\r\n', 101],
    'is refused for a page of another origin': ['X-API-Key: key\r\nOrigin: https://evil.example\r\n', 403],
    'is refused for a page without an origin of its own': ['X-API-Key: key\r\nOrigin: null\r\n', 403],
  };
  for (const [name, [lines, status]] of Object.entries(rows)) {
    it(name, async () => {
      const answer = await sendRaw(
        served.address,
        `GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${lines}\r\n`,
      );
      assert.deepEqual(answer.statuses, [status], answer.text);
      assert.equal(seen.length, status === 101 ? 1 : 0);
      assert.ok(!JSON.stringify(seen[0]?.rawHeaders ?? []).includes('"key"'));
    });
  }
});
