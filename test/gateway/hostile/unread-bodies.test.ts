// An answer that begins before all of the request's body has arrived is the last one of its
// connection, at every listener: nothing behind it is taken for a request.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { eventually } from '../../eventually.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { type Listener, listeners } from './listeners.ts';
import { get } from './refused-heads.ts';

/** Targets that are answered without the body having been read, or before it has come. */
const unread: Readonly<Record<keyof typeof listeners, readonly string[]>> = {
  'the public listener': ['POST /early', 'GET /early'],
  'a listener of a namespace': ['POST /early', 'GET /early'],
  'the internal listener': ['POST /nothing', 'GET /nothing'],
  'the runtime of a function': ['POST /unread', 'GET /unread', 'POST /streamed', 'POST /healthz', 'GET /readyz'],
  'the runtime of a function that answers at once': ['POST /', 'GET /', 'HEAD /'],
  'the admin port': ['POST /', 'GET /healthz', 'POST /readyz', 'GET /metrics', 'PUT /api/info', 'HEAD /api/info'],
  "the operator's port": ['POST /', 'GET /healthz', 'POST /readyz'],
};

const LENGTH = 1000;
const framings: Readonly<Record<string, readonly [field: string, part: string, rest: string]>> = {
  'a length': [`Content-Length: ${LENGTH}`, 'x'.repeat(10), 'x'.repeat(LENGTH - 10)],
  chunks: ['Transfer-Encoding: chunked', '5\r\nhello\r\n', `5\r\nhello\r\n0\r\n\r\n`],
};

/** A client that sends its body only when it is told to. */
async function begin(address: string, bytes: string) {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  let text = '';
  let closed = false;
  socket.setEncoding('latin1').on('data', chunk => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  socket.write(bytes);
  await eventually(() => text.includes('\r\n\r\n'), 'the answer has begun');
  return {
    text: () => text,
    async end(rest: string) {
      if (socket.writable) socket.write(rest);
      await eventually(() => closed, 'the connection is closed');
      return text;
    },
  };
}

for (const [where, start] of Object.entries(listeners)) {
  describe(`a body that is not read at ${where}`, () => {
    let listener: Listener;
    before(async () => {
      listener = await start();
    });
    after(() => listener.close());

    for (const target of unread[where] ?? []) {
      for (const [framing, [field, part, rest]] of Object.entries(framings)) {
        it(`${target} with ${framing}: the answer says that it is the last, and what follows is no request`, async () => {
          const head = `${target} HTTP/1.1\r\nHost: localhost\r\n${field}\r\n\r\n`;
          const client = await begin(listener.address, head + part);
          assert.match(client.text(), /^connection: close\r$/im);
          const before = listener.reached();
          const text = await client.end(rest + get(listener.counted));
          assert.equal(text.match(/HTTP\/1\.1 \d{3}/g)?.length, 1, text);
          assert.equal(listener.reached(), before);
        });
      }

      it(`${target}: a client that goes on sending gets the whole answer`, async () => {
        const bytes = 4 * 1024 * 1024;
        const head = `${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes}\r\n\r\n`;
        for (let round = 0; round < 5; round++) {
          const answer = await sendRaw(listener.address, head + 'x'.repeat(bytes));
          assert.ok(answer.closed);
          assert.match(answer.text, /^HTTP\/1\.1 \d{3} .*\r\n\r\n/s);
        }
      });
    }

    it('is there for every listener', () => assert.ok(unread[where]));

    if (where.startsWith('the runtime')) {
      it('that has come with its head leaves the connection open', async () => {
        const post = `POST ${listener.counted} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nok`;
        const { statuses } = await sendRaw(listener.address, post + post);
        assert.deepEqual(statuses, [200, 200]);
      });
    }
  });
}
