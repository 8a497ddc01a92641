// The limits of a function's server on single requests: body and time, and callers who leave.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
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

  it('stands still while the caller sends, whether the body is read as bytes or as a stream', async () => {
    const readers = [
      http(async request => String((await request.bytes()).length)),
      http(async request => String((await request.stream().toArray()).join('').length)),
    ];
    for (const reader of readers) {
      const { url } = await runFunction(reader, { timeoutMs: 400 });
      const request = httpRequest(url, { method: 'POST' });
      const began = performance.now();
      let sent = 0;
      while (performance.now() - began < 1000) {
        request.write('x'.repeat(4096));
        sent += 4096;
        await new Promise(resolve => setTimeout(resolve, 20));
      }
      request.end();
      const [response] = await once(request, 'response');
      assert.equal(await text(response), String(sent));
    }
  });

  it('ends when the answer begins: a stream may go on', async () => {
    const remaining: number[] = [];
    const { url } = await runFunction(
      async function* (_request: unknown, context: { remainingMs(): number }) {
        for (let part = 0; part < 10; part++) {
          yield 'part ';
          remaining.push(context.remainingMs());
          await new Promise(resolve => setTimeout(resolve, 30));
        }
      },
      { timeoutMs: 100 },
    );
    assert.equal(await (await fetch(url)).text(), 'part '.repeat(10));
    const [least = 0, most = 0] = [Math.min(...remaining), Math.max(...remaining)];
    assert.ok(least > 800_000 && most <= 900_000, `15 minutes in all: ${least} to ${most}`);
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
