// Draining: not ready at once, what is in flight ends, connections close, and what does
// not end in time is refused.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { http } from 'tenfold';
import { eventually } from '../eventually.ts';
import { sendRaw } from '../fakes/raw-http.ts';
import { gate, runFunction, stopFunctions } from './running-function.ts';

function held() {
  const release = gate();
  const started = gate();
  const fn = http(async () => {
    started.open();
    await release.passed;
    return 'done';
  });
  return { fn, release, started };
}

describe('a drain', () => {
  afterEach(stopFunctions);

  it('lets the request in flight end, closes its connection, and takes no new ones', async () => {
    const { fn, release, started } = held();
    const { port, url, drain } = await runFunction(fn);
    const answered = sendRaw(url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 2000);
    await started.passed;
    const drained = drain(5000);
    const refused = await new Promise<string | undefined>(resolve =>
      connect(port, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    );
    assert.equal(refused, 'ECONNREFUSED');
    release.open();
    const { text, closed } = await answered;
    assert.match(text, /^HTTP\/1\.1 200/);
    assert.match(text, /connection: close/i);
    assert.ok(closed);
    assert.equal(await drained, 0);
  });

  it('is alive but not ready, and still serves, on connections that were open before', async () => {
    const { fn, release, started } = held();
    const { port, url, drain, server } = await runFunction(fn);
    let opened = 0;
    server.on('connection', () => opened++);
    const first = sendRaw(url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 2000);
    await started.passed;
    const ask = ['/readyz', '/healthz', '/'].map(path => {
      const socket = connect(port, '127.0.0.1');
      return { socket, path, text: socket.setEncoding('latin1').toArray() };
    });
    await eventually(() => opened === 4, 'all connections are open');
    const drained = drain(5000);
    for (const { socket, path } of ask) socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    release.open();
    const statuses = [];
    for (const { text } of ask) {
      const answer = (await text).join('');
      assert.match(answer, /connection: close/i);
      statuses.push(answer.slice(9, 12));
    }
    assert.deepEqual(statuses, ['503', '200', '200']);
    assert.deepEqual((await first).statuses, [200]);
    assert.equal(await drained, 0);
  });

  it('ends at once when nothing is in flight, idle connections or not', async () => {
    const { url, drain } = await runFunction(() => 'x');
    assert.equal(await (await fetch(url)).text(), 'x');
    assert.equal(await drain(60_000), 0);
  });

  it('refuses what does not end in time with 503 and Retry-After, the waiting included, and aborts its signal', async () => {
    const reasons: string[] = [];
    const started = gate();
    const fn = http((_request, { signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason.message));
      started.open();
      return new Promise(() => {});
    });
    const { url, drain, server } = await runFunction(fn, { concurrency: 1, queue: 1 });
    let arrived = 0;
    server.on('request', () => arrived++);
    const answers = [fetch(url), fetch(url)];
    await started.passed;
    await eventually(() => arrived === 2, 'both have arrived');
    assert.equal(await drain(20), 2);
    for (const answer of await Promise.all(answers)) {
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('retry-after'), '1');
      assert.match(await answer.text(), /shutting-down/);
    }
    assert.deepEqual(reasons, ['The process is shutting down.']);
  });
});
