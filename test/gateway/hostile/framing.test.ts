// Requests that two servers could read in two ways, by their numbers in FAULTS.md: refused, and
// nothing of them reaches the upstream.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { limitBody } from '../../../gateway/steps/limit-body.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { collectGarbage } from '../../kept-memory.ts';
import { openTestListener } from '../listeners/test-listener.ts';
import { broken, chunked, get, H, refused } from './refused-heads.ts';

describe('hostile requests at the public listener', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof openTestListener>>;
  /** Requests that the upstream has got to the end of. */
  let whole: string[] = [];
  const smuggled = get('/smuggled');

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.on('error', () => {});
      request.resume().on('end', () => {
        whole.push(request.url ?? '');
        response.end('ok');
      });
    });
    listener = await openTestListener(upstream.origin, [
      { path: '/' },
      { path: '/limited', before: [limitBody(1000)] },
      { path: '/waits', timeoutMs: 200 },
      { path: '/*' },
    ]);
  });
  after(async () => {
    await listener.close();
    await upstream.close();
  });
  beforeEach(() => {
    upstream.seen.splice(0);
    listener.answered.splice(0);
    whole = [];
  });

  /** Another request goes all the way, so that a smuggled one would have got there before it. */
  const serveAnother = async () => assert.equal((await fetch(`${listener.address}/after`)).status, 200);

  /** Each answer that the client got has a line in the access log that says why. */
  const assertTold = async (statuses: readonly number[]) => {
    await eventually(() => listener.answered.length >= statuses.length, 'each answer is told');
    assert.deepEqual(
      listener.answered.map(({ status }) => status),
      statuses,
    );
    for (const { status, reason, trace } of listener.answered.filter(({ status }) => status >= 400)) {
      assert.match(reason ?? '', /^(request|route)\./, `${status}`);
      assert.match(trace, /^[0-9a-f]{32}$/);
    }
  };

  for (const [name, [bytes, ...statuses]] of Object.entries(refused)) {
    it(`${name}: refused, and the upstream sees nothing`, async () => {
      const answer = await sendRaw(listener.address, bytes + (bytes.startsWith('TRACE') ? '' : smuggled));
      assert.ok(answer.statuses[0] !== undefined && statuses.includes(answer.statuses[0]), answer.text.slice(0, 200));
      assert.equal(answer.statuses.length, 1, 'what follows on the connection is not answered');
      if (answer.statuses[0] !== 405) assert.ok(answer.closed, 'the connection is closed');
      await assertTold(answer.statuses);
      await serveAnother();
      assert.deepEqual(whole, ['/after']);
      assert.equal(upstream.seen.length, 1);
    });
  }

  for (const [name, bytes] of Object.entries(broken)) {
    it(`${name}: refused, and the upstream gets no whole request`, async () => {
      const answer = await sendRaw(listener.address, bytes + smuggled);
      assert.ok(answer.closed, 'the connection is closed');
      assert.ok(answer.statuses.length <= 1, 'what follows on the connection is not answered');
      for (const status of answer.statuses) assert.ok([400, 413].includes(status), `${status}`);
      await assertTold(answer.statuses);
      await serveAnother();
      assert.deepEqual(whole, ['/after']);
    });
  }

  for (const field of ['Host: evil.example', 'Authorization: Basic evil', 'X-Forwarded-For: evil']) {
    it(`20 ${field} in trailers: never taken for a field of the request`, async () => {
      const answer = await sendRaw(listener.address, chunked(`1\r\na\r\n0\r\n${field}\r\n\r\n`));
      assert.ok([200, 400].includes(answer.statuses[0] ?? 0), answer.text);
      for (const request of upstream.seen) {
        assert.doesNotMatch(JSON.stringify([request.rawHeaders, request.rawTrailers]), /evil/);
      }
    });
  }

  it('21 chunks without the last: the route’s time ends it, the upstream’s request is aborted, the connection closed', async () => {
    const bytes = `POST /waits HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`;
    const answer = await sendRaw(listener.address, bytes, 1000);
    assert.deepEqual(answer.statuses, [408]);
    assert.ok(answer.closed);
    await eventually(() => upstream.seen[0]?.destroyed === true, 'the upstream’s request is aborted');
    assert.deepEqual(whole, []);
  });

  it('23 Expect: 100-continue and a refusal: no 100, and what follows is no request', async () => {
    const head = `POST /limited HTTP/1.1\r\n${H}Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n`;
    const answer = await sendRaw(listener.address, head + smuggled);
    assert.deepEqual(answer.statuses, [413]);
    assert.ok(answer.closed);
    await serveAnother();
    assert.deepEqual(whole, ['/after']);
  });

  it('23 another expectation: 417, and the upstream sees nothing', async () => {
    const answer = await sendRaw(listener.address, get('/', `${H}Expect: tea\r\n`));
    assert.deepEqual(answer.statuses, [417]);
    await assertTold([417]);
    assert.equal(upstream.seen.length, 0);
  });

  it('28 an absolute target that names the same host is its path', async () => {
    const answer = await sendRaw(listener.address, get('http://A.example/x?y=1'));
    assert.deepEqual(answer.statuses, [200]);
    assert.equal(upstream.seen[0]?.url, '/x?y=1');
  });

  it('35 CONNECT: closed, and the upstream sees nothing', async () => {
    const answer = await sendRaw(listener.address, `CONNECT b.example:443 HTTP/1.1\r\n${H}\r\n`);
    assert.deepEqual(answer.statuses, [400]);
    assert.ok(answer.closed);
    await assertTold([400]);
    assert.equal(upstream.seen.length, 0);
  });

  it('21 a client that leaves in the middle of its body: the upstream’s request is aborted, others are served', async () => {
    const request = httpRequest(`${listener.address}/upload`, {
      method: 'POST',
      headers: { 'content-length': '1000' },
    });
    request.on('error', () => {});
    request.write('half');
    await eventually(() => upstream.seen.length === 1, 'the upstream has the head');
    request.destroy();
    await eventually(() => upstream.seen[0]?.destroyed === true, 'the upstream’s request is aborted');
    assert.deepEqual(whole, []);
    await serveAnother();
  });

  it('all of them, again and again: memory and connections stay as they were, while others are served', async () => {
    const all = [...Object.values(refused).map(([bytes]) => bytes), ...Object.values(broken)];
    const round = async () => {
      await Promise.all(all.map(bytes => sendRaw(listener.address, bytes, 20)));
      listener.answered.splice(0);
      upstream.seen.splice(0);
      whole = [];
    };
    const sockets = () => process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length;
    const heap = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    for (let count = 0; count < 3; count++) await round();
    const [heapBefore, socketsBefore] = [heap(), sockets()];
    let running = true;
    let slowest = 0;
    const others = (async () => {
      while (running) {
        const began = performance.now();
        await serveAnother();
        slowest = Math.max(slowest, performance.now() - began);
        await new Promise(resolve => setTimeout(resolve, 10));
      }
    })();
    for (let count = 0; count < 30; count++) await round();
    running = false;
    await others;
    assert.ok(slowest < 20_000, `another client waited ${slowest} ms`);
    await eventually(() => sockets() <= socketsBefore + 5, 'no connection is left open');
    const more = heap() - heapBefore;
    assert.ok(more < 3e6, `the heap grew by ${more} bytes over ${30 * all.length} requests`);
  });
});
