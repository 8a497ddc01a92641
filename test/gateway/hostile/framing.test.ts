// Requests that two servers could read in two ways, by their numbers in FAULTS.md: refused, and nothing of them reaches the upstream.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { limitBody } from '../../../gateway/steps/limit-body.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { openTestDoor } from '../doors/test-door.ts';

const H = 'Host: a.example\r\n';
const get = (target: string, more = H) => `GET ${target} HTTP/1.1\r\n${more}\r\n`;
const post = (fields: string, body: string, version = '1.1') =>
  `POST / HTTP/${version}\r\n${H}${fields}\r\n\r\n${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked', body);

/** Name → the bytes sent and the statuses that are right. */
const refused: Record<string, [string, ...number[]]> = {
  '1 Content-Length and Transfer-Encoding': [post('Content-Length: 4\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), 400],
  '2 two Content-Lengths': [post('Content-Length: 1\r\nContent-Length: 2', 'ab'), 400],
  '2 two Content-Lengths in different case': [post('Content-Length: 1\r\ncontent-length: 2', 'ab'), 400],
  '3 a list as Content-Length': [post('Content-Length: 1, 1', 'a'), 400],
  '4 a signed Content-Length': [post('Content-Length: +1', 'a'), 400],
  '5 a hexadecimal Content-Length': [post('Content-Length: 0x1', 'a'), 400],
  '6 a Content-Length with a leading zero': [post('Content-Length: 01', 'a'), 400],
  '7 an empty Content-Length': [post('Content-Length: ', ''), 400],
  '8 an unknown transfer coding': [post('Transfer-Encoding: xchunked', '0\r\n\r\n'), 400],
  '9 a transfer coding after a comma': [post('Transfer-Encoding: ,chunked', '0\r\n\r\n'), 400],
  '10 chunked followed by identity': [post('Transfer-Encoding: chunked, identity', '0\r\n\r\n'), 400],
  '11 Transfer-Encoding twice': [post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), 400],
  '12 Transfer-Encoding on HTTP/1.0': [post('Transfer-Encoding: chunked', '0\r\n\r\n', '1.0'), 400],
  '13 gzip before chunked': [post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'), 400, 501],
  '14 a space before the colon': [get('/', `${H}X-A : 1\r\n`), 400],
  '15 a folded header line': [get('/', `${H}X-A: 1\r\n 2\r\n`), 400],
  '24 Host twice': [get('/', `${H}Host: b.example\r\n`), 400],
  '25 a path in Host': [get('/', 'Host: a.example/x\r\n'), 400],
  '26 a user in Host': [get('/', 'Host: u@a.example\r\n'), 400],
  '27 an empty Host': [get('/', 'Host: \r\n'), 400],
  '28 an absolute target with another host': [get('http://b.example/'), 400],
  '29 a target that begins with two slashes': [get('//evil/x'), 400],
  '30 a fragment in the target': [get('/a#frag'), 400],
  '31 a backslash in the target': [get('/a\\..\\b'), 400],
  '32 an encoded NUL in the target': [get('/a%00b'), 400],
  '33 an asterisk as target': [get('*'), 400],
  '34 HTTP/0.9': ['GET /\r\n\r\n', 400],
  '34 an unknown version': [`GET / HTTP/1.2\r\n${H}\r\n`, 400, 505],
  '35 TRACE': [`TRACE / HTTP/1.1\r\n${H}\r\n`, 405],
  '39 an empty segment': [get('/a//b'), 400],
  '40 a dot segment': [get('/a/../b'), 400],
  '40 an encoded dot segment': [get('/a/%2e%2e/b'), 400],
  '41 an overlong slash': [get('/a%c0%afb'), 400],
  '42 Connection that names Authorization': [
    get('/', `${H}Authorization: Basic a\r\nConnection: authorization\r\n`),
    400,
  ],
  '44 two Authorization fields': [get('/', `${H}Authorization: Basic a\r\nAuthorization: Basic b\r\n`), 400],
  '46 an encoded line end in the path': [get('/a%0d%0aX-A:%20b'), 400],
  '47 no Host': [get('/', ''), 400],
  '60 a header line of 20 KiB': [get('/', `${H}X-A: ${'a'.repeat(20_000)}\r\n`), 431],
};

/** Wrong only after the head: the upstream may have begun to get the request, but never gets it whole, nor anything after it. */
const broken: Record<string, string> = {
  '16 a chunk that ends in a bare line feed': chunked('1\na\r\n0\r\n\r\n'),
  '17 a chunk size with 0x': chunked('0x1\r\na\r\n0\r\n\r\n'),
  '18 a chunk size that no number holds': chunked('100000000000000000\r\na\r\n0\r\n\r\n'),
  '19 a chunk extension of 64 KiB': chunked(`1;${'a'.repeat(65_536)}\r\na\r\n0\r\n\r\n`),
  '20 Content-Length in trailers': chunked('1\r\na\r\n0\r\nContent-Length: 5\r\n\r\n'),
};

describe('hostile requests at the public door', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let door: Awaited<ReturnType<typeof openTestDoor>>;
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
    door = await openTestDoor(upstream.origin, [
      { path: '/' },
      { path: '/limited', before: [limitBody(1000)] },
      { path: '/waits', timeoutMs: 200 },
      { path: '/*' },
    ]);
  });
  after(async () => {
    await door.close();
    await upstream.close();
  });
  beforeEach(() => {
    upstream.seen.splice(0);
    whole = [];
  });

  /** Another request goes all the way, so that a smuggled one would have got there before it. */
  const serveAnother = async () => assert.equal((await fetch(`${door.address}/after`)).status, 200);

  for (const [name, [bytes, ...statuses]] of Object.entries(refused)) {
    it(`${name}: refused, and the upstream sees nothing`, async () => {
      const answer = await sendRaw(door.address, bytes + (bytes.startsWith('TRACE') ? '' : smuggled));
      assert.ok(answer.statuses[0] !== undefined && statuses.includes(answer.statuses[0]), answer.text.slice(0, 200));
      assert.equal(answer.statuses.length, 1, 'what follows on the connection is not answered');
      if (answer.statuses[0] !== 405) assert.ok(answer.closed, 'the connection is closed');
      await serveAnother();
      assert.deepEqual(whole, ['/after']);
      assert.equal(upstream.seen.length, 1);
    });
  }

  for (const [name, bytes] of Object.entries(broken)) {
    it(`${name}: refused, and the upstream gets no whole request`, async () => {
      const answer = await sendRaw(door.address, bytes + smuggled);
      assert.ok(answer.closed, 'the connection is closed');
      assert.ok(answer.statuses.length <= 1, 'what follows on the connection is not answered');
      for (const status of answer.statuses) assert.ok([400, 413].includes(status), `${status}`);
      await serveAnother();
      assert.deepEqual(whole, ['/after']);
    });
  }

  for (const field of ['Host: evil.example', 'Authorization: Basic evil', 'X-Forwarded-For: evil']) {
    it(`20 ${field} in trailers: never taken for a field of the request`, async () => {
      const answer = await sendRaw(door.address, chunked(`1\r\na\r\n0\r\n${field}\r\n\r\n`));
      assert.ok([200, 400].includes(answer.statuses[0] ?? 0), answer.text);
      for (const request of upstream.seen) {
        assert.doesNotMatch(JSON.stringify([request.rawHeaders, request.rawTrailers]), /evil/);
      }
    });
  }

  it('21 chunks without the last: the route’s time ends it, the upstream’s request is aborted, the connection closed', async () => {
    const bytes = `POST /waits HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`;
    const answer = await sendRaw(door.address, bytes, 1000);
    assert.deepEqual(answer.statuses, [408]);
    assert.ok(answer.closed);
    await eventually(() => upstream.seen[0]?.destroyed === true, 'the upstream’s request is aborted');
    assert.deepEqual(whole, []);
  });

  it('23 Expect: 100-continue and a refusal: no 100, and what follows is no request', async () => {
    const head = `POST /limited HTTP/1.1\r\n${H}Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n`;
    const answer = await sendRaw(door.address, head + smuggled);
    assert.deepEqual(answer.statuses, [413]);
    assert.ok(answer.closed);
    await serveAnother();
    assert.deepEqual(whole, ['/after']);
  });

  it('23 another expectation: 417, and the upstream sees nothing', async () => {
    const answer = await sendRaw(door.address, get('/', `${H}Expect: tea\r\n`));
    assert.deepEqual(answer.statuses, [417]);
    assert.equal(upstream.seen.length, 0);
  });

  it('28 an absolute target that names the same host is its path', async () => {
    const answer = await sendRaw(door.address, get('http://A.example/x?y=1'));
    assert.deepEqual(answer.statuses, [200]);
    assert.equal(upstream.seen[0]?.url, '/x?y=1');
  });

  it('35 CONNECT: closed, and the upstream sees nothing', async () => {
    const answer = await sendRaw(door.address, `CONNECT b.example:443 HTTP/1.1\r\n${H}\r\n`);
    assert.ok(!answer.statuses.includes(200));
    assert.ok(answer.closed);
    assert.equal(upstream.seen.length, 0);
  });

  it('21 a client that leaves in the middle of its body: the upstream’s request is aborted, others are served', async () => {
    const request = httpRequest(`${door.address}/upload`, { method: 'POST', headers: { 'content-length': '1000' } });
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
      await Promise.all(all.map(bytes => sendRaw(door.address, bytes, 20)));
      door.answered.splice(0);
      upstream.seen.splice(0);
      whole = [];
    };
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const sockets = () => process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length;
    const heap = () => {
      collect();
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
    assert.ok(slowest < 10_000, `another client waited ${slowest} ms`);
    await eventually(() => sockets() <= socketsBefore + 5, 'no connection is left open');
    const more = heap() - heapBefore;
    assert.ok(more < 3e6, `the heap grew by ${more} bytes over ${30 * all.length} requests`);
  });
});
