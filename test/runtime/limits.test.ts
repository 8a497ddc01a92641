// The limits of a function's server: body, time, concurrency and queue, and callers who leave.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { http } from 'tenfold';
import { eventually } from '../eventually.ts';
import { sendRaw } from '../fakes/raw-http.ts';
import { gate, runFunction, stopFunctions } from './running-function.ts';

describe('the body limit', () => {
  afterEach(stopFunctions);

  const readers = {
    'read as bytes': http(async request => (await request.bytes()).length),
    'read as a stream': http(async request => (await request.stream().toArray()).length),
  };
  for (const [how, fn] of Object.entries(readers)) {
    it(`refuses a declared length that is too large with 413 (${how})`, async () => {
      const { url } = await runFunction(fn, { maxBodyBytes: 10 });
      const answer = await fetch(url, { method: 'POST', body: 'x'.repeat(11) });
      assert.equal(answer.status, 413);
      assert.match(JSON.stringify(await answer.json()), /at most 10 bytes/);
    });

    it(`refuses a chunked body as soon as it is too large with 413 (${how})`, async () => {
      const { url } = await runFunction(fn, { maxBodyBytes: 10 });
      const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
      // Never ends: the answer must not wait for the rest.
      const { statuses } = await sendRaw(url, `${head}6\r\nabcdef\r\n6\r\nabcdef\r\n`);
      assert.deepEqual(statuses, [413]);
    });

    it(`takes a body of exactly the limit (${how})`, async () => {
      const { url } = await runFunction(fn, { maxBodyBytes: 10 });
      assert.equal((await fetch(url, { method: 'POST', body: 'x'.repeat(10) })).status, 200);
    });
  }

  it('keeps the connection usable after a refusal', async () => {
    const { url } = await runFunction(
      http(async request => (await request.bytes()).length),
      { maxBodyBytes: 10 },
    );
    const post = (size: number) => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`;
    assert.deepEqual((await sendRaw(url, post(50_000) + post(3))).statuses, [413, 200]);
  });

  it('reads on past an answer only so far, then cuts the connection', async () => {
    const { port } = await runFunction(() => 'ignored');
    const socket = connect(port, '127.0.0.1');
    let sent = 0;
    const closed = new Promise<void>(resolve => socket.on('close', () => resolve()));
    socket.on('error', () => {});
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n');
    const chunk = Buffer.alloc(1024 * 1024);
    const feed = () => {
      while (!socket.destroyed) {
        sent += chunk.length;
        if (!socket.write(chunk)) return socket.once('drain', feed);
      }
      return socket;
    };
    feed();
    await closed;
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes`);
  });

  it('spares a client that asks first the sending of what would be refused', async () => {
    const fn = http(async request => (await request.bytes()).length);
    const { url } = await runFunction(fn, { maxBodyBytes: 10 });
    const ask = (size: number) =>
      `POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${size}\r\n\r\n`;
    assert.deepEqual((await sendRaw(url, ask(11))).statuses, [413]);
    assert.deepEqual((await sendRaw(url, `${ask(3)}abc`)).statuses, [100, 200]);
    const chunked =
      'POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
    assert.deepEqual((await sendRaw(url, chunked)).statuses, [100, 200]);
  });
});

describe('the time limit', () => {
  afterEach(stopFunctions);

  /** Waits for its signal, and keeps the reason. */
  function hanging() {
    const reasons: string[] = [];
    const fn = http(
      (_request, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason.name);
            reject(signal.reason);
          }),
        ),
    );
    return { fn, reasons };
  }

  it('answers 504 and aborts the signal', async () => {
    const { fn, reasons } = hanging();
    const { url, lines } = await runFunction(fn, { timeoutMs: 30 });
    const answer = await fetch(url);
    assert.equal(answer.status, 504);
    const { trace, ...body } = (await answer.json()) as Record<string, unknown>;
    assert.ok(trace);
    assert.equal(body['detail'], 'The function did not answer within 30 ms.');
    assert.deepEqual(reasons, ['TimeoutError']);
    assert.deepEqual(lines, []);
  });

  const headers: Array<[header: string, timeoutMs: number, expected: number]> = [
    ['20', 5000, 20],
    ['5000', 30, 30],
    ['soon', 30, 30],
    ['-1', 30, 30],
  ];
  for (const [header, timeoutMs, expected] of headers) {
    it(`is ${expected} ms when the caller waits ${header} and the function may take ${timeoutMs}`, async () => {
      const { url } = await runFunction(hanging().fn, { timeoutMs });
      const answer = await fetch(url, { headers: { 'tenfold-timeout-ms': header } });
      assert.match(await answer.text(), new RegExp(`within ${expected} ms`));
    });
  }

  it('holds for a body that does not come', async () => {
    const { url } = await runFunction(
      http(request => request.text()),
      { timeoutMs: 30 },
    );
    const { statuses } = await sendRaw(url, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab');
    assert.deepEqual(statuses, [504]);
  });

  it('cuts a stream that is still being sent', async () => {
    const { url } = await runFunction(
      async function* () {
        yield 'begun';
        await new Promise(() => {});
      },
      { timeoutMs: 50 },
    );
    const answer = await fetch(url);
    assert.equal(answer.status, 200);
    await assert.rejects(answer.text());
  });

  it('watches each request by its own limit, whatever the order', async () => {
    const { url } = await runFunction(hanging().fn, { timeoutMs: 10_000 });
    const ended: string[] = [];
    const ask = async (ms: string) => {
      await (await fetch(url, { headers: { 'tenfold-timeout-ms': ms } })).text();
      ended.push(ms);
    };
    await Promise.all([ask('150'), ask('20'), ask('80')]);
    assert.deepEqual(ended, ['20', '80', '150']);
  });

  it('an answer that comes too late changes nothing', async () => {
    const late = gate();
    const { url } = await runFunction(() => late.passed.then(() => 'late'), { timeoutMs: 20 });
    assert.equal((await fetch(url)).status, 504);
    late.open();
    assert.equal((await fetch(url)).status, 200);
  });
});

describe('a caller who leaves', () => {
  afterEach(stopFunctions);

  it('aborts the signal', async () => {
    let reason: string | undefined;
    const started = gate();
    const fn = http((_request, { signal }) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason.name;
      });
      started.open();
      return new Promise(() => {});
    });
    const { port } = await runFunction(fn);
    const outgoing = httpRequest({ port, host: '127.0.0.1' }).on('error', () => {});
    outgoing.end();
    await started.passed;
    outgoing.destroy();
    await eventually(() => reason === 'AbortError', 'the signal aborts');
  });

  it('ends the wait for the rest of the body', async () => {
    let failure: unknown;
    const started = gate();
    const fn = http(async request => {
      started.open();
      await request.text().catch(error => {
        failure = error;
      });
    });
    const { port } = await runFunction(fn);
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab'),
    );
    await started.passed;
    socket.destroy();
    await eventually(() => failure instanceof Error, 'the body rejects');
  });
});

describe('the concurrency limit', () => {
  afterEach(stopFunctions);

  /** Answers each path when it is let through; requests are sent one after another has arrived. */
  async function gated(change: { concurrency: number; queue: number; timeoutMs?: number }) {
    const order: string[] = [];
    const gates = new Map<string, ReturnType<typeof gate>>();
    const gateOf = (path: string) => {
      const known = gates.get(path) ?? gate();
      gates.set(path, known);
      return known;
    };
    const fn = http(async ({ path }) => {
      order.push(path);
      await gateOf(path).passed;
      return path;
    });
    const started = await runFunction(fn, change);
    let arrived = 0;
    started.server.on('request', () => arrived++);
    const send = async (path: string) => {
      const before = arrived;
      const outgoing = httpRequest({ port: started.port, host: '127.0.0.1', path, agent: false }).on('error', () => {});
      const answer = new Promise<{ status: number | undefined; retryAfter: string | undefined }>(resolve =>
        outgoing.on('response', incoming => {
          incoming.resume();
          resolve({ status: incoming.statusCode, retryAfter: incoming.headers['retry-after'] });
        }),
      );
      outgoing.end();
      await eventually(() => arrived > before, `${path} arrives`);
      return { answer, outgoing };
    };
    return { order, open: (path: string) => gateOf(path).open(), send };
  }

  it('runs so many at once, lets so many wait in order, and refuses the rest with 429 and Retry-After', async () => {
    const { order, open, send } = await gated({ concurrency: 2, queue: 2 });
    const sent = [];
    for (const path of ['/1', '/2', '/3', '/4']) sent.push(await send(path));
    assert.deepEqual(await (await send('/5')).answer, { status: 429, retryAfter: '1' });
    assert.deepEqual(order, ['/1', '/2']);
    open('/2');
    await eventually(() => order.length === 3, 'the next one runs');
    assert.deepEqual(order, ['/1', '/2', '/3']);
    for (const path of ['/1', '/3', '/4']) open(path);
    for (const { answer } of sent) assert.equal((await answer).status, 200);
    assert.deepEqual(order, ['/1', '/2', '/3', '/4']);
  });

  it('0 is none', async () => {
    const { order, open, send } = await gated({ concurrency: 0, queue: 0 });
    const paths = Array.from({ length: 100 }, (_, index) => `/${index}`);
    const sent = [];
    for (const path of paths) sent.push(await send(path));
    assert.equal(order.length, 100);
    for (const path of paths) open(path);
    for (const { answer } of sent) assert.equal((await answer).status, 200);
  });

  it('answers one that waited until its deadline with 503 and Retry-After, and never runs it', async () => {
    const { order, send } = await gated({ concurrency: 1, queue: 5, timeoutMs: 50 });
    const first = await send('/1');
    const second = await send('/2');
    assert.equal((await first.answer).status, 504);
    const { status, retryAfter } = await second.answer;
    // The first one's end may give the second its turn just before its own.
    if (order.length === 1) assert.deepEqual([status, retryAfter], [503, '1']);
    else assert.equal(status, 504);
  });

  it('forgets one that waits when its caller leaves', async () => {
    const { order, open, send } = await gated({ concurrency: 1, queue: 1 });
    const first = await send('/1');
    (await send('/gone')).outgoing.destroy();
    let third = await send('/3');
    // Until the server has seen the caller leave, its place is taken.
    await eventually(async () => {
      const state = await Promise.race([third.answer, new Promise(resolve => setImmediate(resolve))]);
      if (state === undefined) return true;
      third = await send('/3');
      return false;
    }, 'the place is free');
    open('/1');
    open('/3');
    assert.equal((await first.answer).status, 200);
    assert.equal((await third.answer).status, 200);
    assert.deepEqual(order, ['/1', '/3']);
  });

  it('frees the place of one that timed out although its handler still runs', async () => {
    const { send } = await gated({ concurrency: 1, queue: 0, timeoutMs: 30 });
    assert.equal((await (await send('/1')).answer).status, 504);
    assert.equal((await (await send('/2')).answer).status, 504);
  });
});
