// Requests that two servers could read in two ways: refused, and nothing of them reaches the upstream (FAULTS.md, section 3).
import assert from 'node:assert/strict';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { openTestDoor } from './test-door.ts';

const H = 'Host: a.example\r\n';

/** Name → the bytes sent and the statuses that are right. */
const refused: Record<string, [string, ...number[]]> = {
  'Content-Length and Transfer-Encoding together': [
    `POST / HTTP/1.1\r\n${H}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  'two Content-Lengths': [`POST / HTTP/1.1\r\n${H}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
  'a list as Content-Length': [`POST / HTTP/1.1\r\n${H}Content-Length: 1, 1\r\n\r\na`, 400],
  'a signed Content-Length': [`POST / HTTP/1.1\r\n${H}Content-Length: +1\r\n\r\na`, 400],
  'a hexadecimal Content-Length': [`POST / HTTP/1.1\r\n${H}Content-Length: 0x1\r\n\r\na`, 400],
  'a Content-Length with a leading zero': [`POST / HTTP/1.1\r\n${H}Content-Length: 01\r\n\r\na`, 400],
  'an empty Content-Length': [`POST / HTTP/1.1\r\n${H}Content-Length: \r\n\r\n`, 400],
  'an unknown transfer coding': [`POST / HTTP/1.1\r\n${H}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
  'a transfer coding after a comma': [`POST / HTTP/1.1\r\n${H}Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n`, 400],
  'chunked followed by identity': [`POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400],
  'Transfer-Encoding twice': [
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  'gzip before chunked': [`POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 400],
  'Transfer-Encoding on HTTP/1.0': [`POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  'a space before the colon': [`GET / HTTP/1.1\r\n${H}X-A : 1\r\n\r\n`, 400],
  'a folded header line': [`GET / HTTP/1.1\r\n${H}X-A: 1\r\n 2\r\n\r\n`, 400],
  'a bare line feed after a chunk size': [
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n`,
    400,
  ],
  'a chunk size with 0x': [`POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n`, 400],
  'no Host': ['GET / HTTP/1.1\r\n\r\n', 400],
  'Host twice': [`GET / HTTP/1.1\r\n${H}Host: b.example\r\n\r\n`, 400],
  'a path in Host': ['GET / HTTP/1.1\r\nHost: a.example/x\r\n\r\n', 400],
  'a user in Host': ['GET / HTTP/1.1\r\nHost: u@a.example\r\n\r\n', 400],
  'an empty Host': ['GET / HTTP/1.1\r\nHost: \r\n\r\n', 400],
  'an absolute target with another host': [`GET http://b.example/ HTTP/1.1\r\n${H}\r\n`, 400],
  'a target that begins with two slashes': [`GET //evil/x HTTP/1.1\r\n${H}\r\n`, 400],
  'a fragment in the target': [`GET /a#frag HTTP/1.1\r\n${H}\r\n`, 400],
  'a backslash in the target': [`GET /a\\..\\b HTTP/1.1\r\n${H}\r\n`, 400],
  'an encoded NUL in the target': [`GET /a%00b HTTP/1.1\r\n${H}\r\n`, 400],
  'an asterisk as target': [`GET * HTTP/1.1\r\n${H}\r\n`, 400],
  'HTTP/0.9': [`GET /\r\n\r\n`, 400],
  'an unknown version': [`GET / HTTP/1.2\r\n${H}\r\n`, 400, 505],
  TRACE: [`TRACE / HTTP/1.1\r\n${H}\r\n`, 405],
  'two Authorization fields': [`GET / HTTP/1.1\r\n${H}Authorization: Basic a\r\nAuthorization: Basic b\r\n\r\n`, 400],
  'Connection that names Authorization': [
    `GET / HTTP/1.1\r\n${H}Authorization: Basic a\r\nConnection: authorization\r\n\r\n`,
    400,
  ],
  'a header line of 20 KiB': [`GET / HTTP/1.1\r\n${H}X-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
};

describe('hostile requests at the public door', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let door: Awaited<ReturnType<typeof openTestDoor>>;

  before(async () => {
    upstream = await startUpstream();
    door = await openTestDoor(upstream.origin, [{ path: '/' }, { path: '/*' }]);
  });
  after(async () => {
    await door.close();
    await upstream.close();
  });
  beforeEach(() => upstream.seen.splice(0));

  for (const [name, [bytes, ...statuses]] of Object.entries(refused)) {
    it(`refuses ${name}, and the upstream sees nothing`, async () => {
      const smuggled = `GET /smuggled HTTP/1.1\r\n${H}\r\n`;
      const answer = await sendRaw(door.address, bytes + smuggled);
      assert.ok(answer.statuses[0] !== undefined && statuses.includes(answer.statuses[0]), answer.text.slice(0, 200));
      // Another request goes all the way, so that a smuggled one would have got there before it.
      assert.equal((await fetch(`${door.address}/after`)).status, 200);
      if (answer.statuses[0] !== 405) {
        assert.equal(answer.statuses.length, 1, 'what follows on the connection is not answered');
        assert.ok(answer.closed, 'the connection is closed');
        assert.deepEqual(
          upstream.seen.map(request => request.url),
          ['/after'],
        );
      }
    });
  }

  it('answers CONNECT by closing, and the upstream sees nothing', async () => {
    const answer = await sendRaw(door.address, `CONNECT b.example:443 HTTP/1.1\r\n${H}\r\n`);
    assert.ok(!answer.statuses.includes(200));
    assert.equal(upstream.seen.length, 0);
  });

  it('takes an absolute target that names the same host', async () => {
    const answer = await sendRaw(door.address, `GET http://A.example/x?y=1 HTTP/1.1\r\n${H}\r\n`);
    assert.deepEqual(answer.statuses, [200]);
    assert.equal(upstream.seen[0]?.url, '/x?y=1');
  });

  it('goes on serving others after every refusal', async () => {
    const answer = await fetch(`${door.address}/ok`);
    assert.equal(answer.status, 200);
  });
});
