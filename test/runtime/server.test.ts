// The server of a function over real sockets: what reaches the function, what comes
// back, streaming both ways.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { http, reply } from 'tenfold';
import { eventually } from '../eventually.ts';
import { sendRaw } from '../fakes/raw-http.ts';
import { gate, runFunction, stopFunctions } from './running-function.ts';

describe('what reaches the function', () => {
  afterEach(stopFunctions);

  const echo = http(({ method, url, path, query, rawHeaders }) => ({ method, url, path, query, rawHeaders }));

  it('path, query and headers are those that were sent, byte for byte', async () => {
    const { url } = await runFunction(echo);
    const target = '/a%2Fb/c;v=1/d/?x=&y&x=%20+%C3%A9&tenfold';
    const sent = ['X-Twice: 1', 'x-twice: 2', 'X-CasE: Kept', 'X-Empty: ', 'Cookie: a=1; b=2', 'TENFOLD-Attempt: 2'];
    const { text } = await sendRaw(url, `PATCH ${target} HTTP/1.1\r\nHost: shop.test\r\n${sent.join('\r\n')}\r\n\r\n`);
    const body = JSON.parse(Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1').toString());
    assert.equal(body.method, 'PATCH');
    assert.equal(body.url, target);
    assert.equal(body.path, '/a%2Fb/c;v=1/d/');
    assert.deepEqual(body.query, { x: ['', '  é'], y: '', tenfold: '' });
    const names = ['Host: shop.test', ...sent].flatMap(line => [line.split(': ')[0], line.split(': ')[1]]);
    assert.deepEqual(body.rawHeaders, names);
  });

  it('more headers than Node takes by itself', async () => {
    const { url } = await runFunction(http(({ rawHeaders }) => rawHeaders.length));
    const many = 'a:\r\n'.repeat(2500);
    const { text } = await sendRaw(url, `GET / HTTP/1.1\r\nHost: x\r\n${many}\r\n`);
    assert.ok(text.endsWith('\r\n\r\n5002'), text);
  });

  it('nothing of a head that is too large or not HTTP', async () => {
    const { url } = await runFunction(() => assert.fail('called'));
    const heads = [
      `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(17_000)}\r\n\r\n`,
      'GET / HTTP/1.1\r\n\r\n',
      'nonsense\r\n\r\n',
    ];
    const statuses = [];
    for (const head of heads) statuses.push(...(await sendRaw(url, head)).statuses);
    assert.deepEqual(statuses, [431, 400, 400]);
  });

  for (const path of ['/healthz', '/healthz?verbose', '/readyz', '/_/health', '/_/ready']) {
    it(`${path} never does`, async () => {
      let reached = false;
      const { url } = await runFunction(() => {
        reached = true;
      });
      const answer = await fetch(url + path, { method: 'POST', body: 'x' });
      assert.equal(answer.status, 200);
      assert.equal(await answer.text(), 'ok\n');
      assert.ok(!reached);
    });
  }

  for (const path of ['/health', '/readyz/', '/healthz2', '/_/healthy', '/%68ealthz']) {
    it(`${path} does`, async () => {
      const { url } = await runFunction(() => 'function');
      assert.equal(await (await fetch(url + path)).text(), 'function');
    });
  }

  it('a raw body of any bytes, in pieces', async () => {
    const { url } = await runFunction(async (request: { bytes(): Promise<Buffer> }) => request.bytes());
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
    const body = Readable.toWeb(
      Readable.from([bytes.subarray(0, 1), bytes.subarray(1, 70_000), bytes.subarray(70_000)]),
    );
    const answer = await fetch(url, { method: 'POST', body, duplex: 'half' });
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
  });

  for (const method of ['GET', 'DELETE', 'POST']) {
    it(`no body at all, with ${method}: every way to read it ends at once`, async () => {
      const fn = http(async request => [(await request.bytes()).length, await request.text()]);
      const piped = http(async request => (await request.stream().toArray()).length);
      assert.deepEqual(await (await fetch((await runFunction(fn)).url, { method })).json(), [0, '']);
      assert.deepEqual(await (await fetch((await runFunction(piped)).url, { method })).json(), 0);
    });
  }

  it('a streamed body while it is still being sent', async () => {
    const seen: string[] = [];
    const fn = http(async request => {
      for await (const chunk of request.stream()) seen.push(String(chunk));
      return seen;
    });
    const { port } = await runFunction(fn);
    const outgoing = httpRequest({ port, host: '127.0.0.1', method: 'POST' });
    const answered = new Promise<number | undefined>(resolve =>
      outgoing.on('response', answer => resolve(answer.statusCode)),
    );
    outgoing.write('one');
    await eventually(() => seen.length === 1, 'the first piece is there');
    outgoing.end('two');
    assert.equal(await answered, 200);
    assert.deepEqual(seen, ['one', 'two']);
  });

  it('the body once: taken as a stream, it cannot be read again', async () => {
    const fn = http(async request => {
      request.stream().resume();
      return request.text().catch((error: Error) => error.message);
    });
    const { url } = await runFunction(fn);
    assert.equal(
      await (await fetch(url, { method: 'POST', body: 'x' })).text(),
      'The body was already taken: bytes() comes too late.',
    );
  });
});

describe('what comes back', () => {
  afterEach(stopFunctions);

  it('many answers on one connection', async () => {
    const { url } = await runFunction((request: { url: string }) => request.url);
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const { statuses, text, closed } = await sendRaw(url, get('/1') + get('/2') + get('/3'));
    assert.deepEqual(statuses, [200, 200, 200]);
    assert.deepEqual([...text.matchAll(/^\/\d/gm)].map(String), ['/1', '/2', '/3']);
    assert.ok(!closed);
  });

  const texts = ['', 'ascii', 'é', '€ and 😀', '\u0000\u007f\u00ff'];
  for (const text of texts) {
    it(`the string ${JSON.stringify(text)} unchanged, with its length in bytes`, async () => {
      const { url } = await runFunction(() => text);
      const answer = await fetch(url);
      assert.equal(answer.headers.get('content-length'), String(Buffer.byteLength(text)));
      assert.equal(await answer.text(), text);
    });
  }

  it('HEAD has the headers of GET and no body', async () => {
    const { url } = await runFunction(http({ 'GET /': () => ({ a: 1 }) }));
    const { text, closed } = await sendRaw(url, 'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 200/);
    assert.match(text, /content-length: 7/);
    assert.ok(text.endsWith('\r\n\r\n') && !closed);
  });

  it('204 and 304 have neither body nor length', async () => {
    for (const [status, fn] of [
      [204, () => undefined],
      [304, () => reply(304, 'ignored')],
    ] as const) {
      const { text } = await sendRaw((await runFunction(fn)).url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status}`));
      assert.doesNotMatch(text, /content-length|ignored/i);
    }
  });

  it('headers that belong to the connection are the server’s alone', async () => {
    const headers = { connection: 'close', 'Transfer-Encoding': 'chunked', 'content-length': '99', 'x-own': '1' };
    const { url } = await runFunction(() => reply(200, 'abc', headers));
    const { text, closed } = await sendRaw(url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(text, /content-length: 3\r\n/);
    assert.match(text, /x-own: 1/);
    assert.doesNotMatch(text, /chunked|99|connection: close/i);
    assert.ok(!closed);
  });

  it('a header that HTTP forbids is a 500, and nothing of it is sent', async () => {
    const { url, lines } = await runFunction(() => reply(200, 'x', { 'x-a': 'a\r\nset-cookie: stolen=1' }));
    const answer = await fetch(url);
    assert.equal(answer.status, 500);
    assert.equal(answer.headers.get('set-cookie'), null);
    assert.equal(lines.at(-1)?.['level'], 'error');
  });

  it('a stream is sent as it comes, at the pace of the reader, and stopped when the reader leaves', async () => {
    let produced = 0;
    let ended = false;
    let aborted = false;
    const chunk = Buffer.alloc(64 * 1024);
    const fn = http(async (_request, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return endless();
    });
    async function* endless() {
      try {
        for (;;) {
          produced++;
          yield chunk;
        }
      } finally {
        ended = true;
      }
    }
    const { port } = await runFunction(fn);
    const outgoing = httpRequest({ port, host: '127.0.0.1' });
    const answer = await new Promise<Readable>(resolve => outgoing.on('response', resolve).end());
    await new Promise(resolve => answer.once('readable', resolve));
    let last = -1;
    await eventually(() => {
      const still = produced === last;
      last = produced;
      return still;
    }, 'the producer waits for the reader');
    assert.ok(produced * chunk.length < 32 * 1024 * 1024, `${produced} chunks without a reader`);
    outgoing.destroy();
    await eventually(() => ended && aborted, 'the producer is stopped and the signal aborted');
  });

  it('headers of a stream leave before its first piece', async () => {
    const first = gate();
    const { port } = await runFunction(() => late());
    async function* late() {
      await first.passed;
      yield 'now';
    }
    const outgoing = httpRequest({ port, host: '127.0.0.1' });
    const answer = await new Promise<Readable>(resolve => outgoing.on('response', resolve).end());
    first.open();
    assert.equal((await answer.toArray()).join(''), 'now');
  });

  it('a stream of anything but strings and bytes is a 500', async () => {
    const { url, lines } = await runFunction(async function* () {
      yield { a: 1 };
    });
    assert.equal((await fetch(url)).status, 500);
    assert.match(JSON.stringify(lines), /gives strings or bytes; this one gave a value of type object/);
  });

  it('a stream that fails at once is a 500', async () => {
    const { url } = await runFunction(() => failing(0));
    assert.equal((await fetch(url)).status, 500);
  });

  it('a stream that fails later breaks the connection, so that nobody takes it for whole', async () => {
    const { url, lines } = await runFunction(() => failing(3));
    const answer = await fetch(url);
    assert.equal(answer.status, 200);
    await assert.rejects(answer.text());
    await eventually(() => lines.length > 0, 'the failure is logged');
    assert.deepEqual(
      lines.map(line => [line['level'], line['message']]),
      [['error', 'the handler failed']],
    );
  });

  async function* failing(after: number) {
    for (let count = 0; count < after; count++) yield Buffer.alloc(1000);
    throw new Error('the source broke');
  }

  it('logs one line for each request when asked to', async () => {
    const { url, lines } = await runFunction(() => 'x', { logLevel: 'debug' });
    await (await fetch(`${url}/a?b`, { headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } })).text();
    const { time, ms, span, ...line } = lines.at(-1)!;
    assert.ok(time && span && typeof ms === 'number');
    const about = { level: 'debug', message: 'request', function: 'test', trace: 'a'.repeat(32) };
    assert.deepEqual(line, { ...about, method: 'GET', url: '/a?b', status: 200 });
  });
});
