// Answers that come whole go out in one piece with their head: byte for byte, whatever is in them.
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ResponseFilter } from '../../../gateway/exchange/response-filter.ts';
import { openTestListener } from '../listeners/test-listener.ts';

const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

const bodies: Record<string, Buffer> = {
  nothing: Buffer.alloc(0),
  'one byte above ASCII': Buffer.from([0xe9]),
  'every byte': EVERY_BYTE,
  'every byte, up to the size that is joined': Buffer.alloc(16_384, EVERY_BYTE),
  'every byte, above it': Buffer.alloc(16_385, EVERY_BYTE),
  'more than one read holds': Buffer.alloc(300_000, EVERY_BYTE),
  'text in UTF-8': Buffer.from('größer ☕ '.repeat(100)),
};

describe('an answer that comes whole', () => {
  let answer: (response: ServerResponse) => void;
  const seen: { data: Buffer[]; ends: string[] } = { data: [], ends: [] };
  const observer: ResponseFilter = {
    onData: chunk => void seen.data.push(chunk),
    onEnd: () => void seen.ends.push('end'),
    onFailure: () => void seen.ends.push('failure'),
  };
  const upstream = createServer((_request, response) => answer(response));
  let listener: Awaited<ReturnType<typeof openTestListener>>;
  before(async () => {
    await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as AddressInfo;
    listener = await openTestListener(`http://127.0.0.1:${port}`, [
      { path: '/plain' },
      { path: '/observed', before: [exchange => exchange.response.addFilter(observer)] },
    ]);
  });
  beforeEach(() => {
    seen.data = [];
    seen.ends = [];
  });
  after(async () => {
    await listener.close();
    upstream.closeAllConnections();
    upstream.close();
  });

  for (const [name, body] of Object.entries(bodies)) {
    for (const [way, send] of [
      ['with its length', (response: ServerResponse) => response.end(body)],
      [
        'in chunks',
        (response: ServerResponse) => {
          response.write(body.subarray(0, 1));
          response.end(body.subarray(1));
        },
      ],
    ] as const) {
      it(`is the same at the client: ${name}, ${way}`, async () => {
        answer = send;
        for (const path of ['/plain', '/observed']) {
          const response = await fetch(listener.address + path);
          assert.deepEqual(Buffer.from(await response.arrayBuffer()), body);
        }
        assert.deepEqual(Buffer.concat(seen.data), body);
        assert.deepEqual(seen.ends, ['end']);
      });
    }
  }

  it('has its head alone for HEAD', async () => {
    answer = response => response.writeHead(200, { 'content-length': '4' }).end();
    const response = await fetch(`${listener.address}/plain`, { method: 'HEAD' });
    assert.deepEqual([response.headers.get('content-length'), await response.text()], ['4', '']);
  });

  it('is as long as its head says where the target says more', async () => {
    answer = response => {
      response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n');
    };
    const response = await fetch(`${listener.address}/plain`);
    assert.equal(await response.text(), 'ok');
  });
});
