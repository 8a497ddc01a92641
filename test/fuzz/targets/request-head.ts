// Heads of requests, as node:http hands them on: what is decided on is what is forwarded, and reads
// the same at the next server.
import assert from 'node:assert/strict';
import { normalizePath } from '../../../core/paths/normalize-path.ts';
import { isDisguised, isHopByHop, isReserved } from '../../../gateway/http/hop-by-hop.ts';
import { isIdentityField } from '../../../gateway/http/identity-fields.ts';
import { type RequestHead, readHead } from '../../../gateway/http/request-head.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { readByLlhttp } from '../read-by-llhttp.ts';
import { refusedBy } from '../refusals.ts';

export const requestHead: FuzzTarget = {
  name: 'request-head',
  words: [
    ...[
      '\r\n',
      ' HTTP/1.1\r\n',
      ' HTTP/1.0\r\n',
      'Host: ',
      'host:b',
      'Content-Length: ',
      'Transfer-Encoding: chunked\r\n',
    ],
    ...[
      'Connection: ',
      'close',
      'cookie',
      'X-Forwarded-For: ',
      'x_a: b\r\n',
      'tenfold-namespace: a\r\n',
      'Cookie: a=b\r\n',
    ],
    ...[
      'http://',
      '/../',
      '/./',
      '%2e',
      '%2F',
      '%00',
      '%',
      '//',
      ';',
      '?',
      '#',
      '\\',
      '@',
      ':80',
      '[::1]',
      'Authorization: ',
    ],
    ...[
      'Expect: 100-continue\r\n',
      'traceparent: ',
      'Upgrade: websocket\r\n',
      'OPTIONS * ',
      'CONNECT a:1 ',
      'TRACE / ',
    ],
  ],
  runs: 6_000,
  run(input) {
    const [request] = readByLlhttp('request', Buffer.concat([input, Buffer.from('\r\n\r\n')]));
    if (request === undefined) return 'llhttp refuses';
    let head: RequestHead;
    try {
      head = readHead(request, { trusted: false });
    } catch (error) {
      return refusedBy(error, 'bad-request', 'expectation-failed');
    }
    const names = head.fields.filter((_, index) => index % 2 === 0);
    for (const name of names) {
      assert.equal(name, name.toLowerCase());
      assert.ok(!isHopByHop(name) && !isReserved(name) && !isDisguised(name) && !isIdentityField(name), name);
    }
    assert.ok(names.filter(name => name === 'cookie').length <= 1);
    assert.equal(normalizePath(head.path), head.path, 'the path is no longer changed by another look');
    assert.ok(!head.path.split(/[/;]/).some(segment => segment === '.' || segment === '..'));
    assert.equal(
      head.hasBody,
      request.rawHeaders.some((name, index) => index % 2 === 0 && bringsBody(name, request.rawHeaders[index + 1])),
    );
    assertForwardsTheSame(head, request.httpVersionMinor);
    return `${head.hasBody} ${head.query !== ''} ${head.withheld.length > 0} ${Math.min(names.length, 3)}`;
  },
};

function bringsBody(name: string, value = ''): boolean {
  const lower = name.toLowerCase();
  return lower === 'transfer-encoding' || (lower === 'content-length' && Number(value) > 0);
}

/** Sent on and read again, by the same parsers, it is the same request. */
function assertForwardsTheSame(head: RequestHead, minor: number): void {
  const fields = head.fields.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${head.fields[index + 1]}\r\n`] : [],
  );
  const framing = head.hasBody && head.contentLength === undefined ? 'transfer-encoding: chunked\r\n' : '';
  const text = `${head.method} ${head.path}${head.query} HTTP/1.${minor}\r\nhost: ${head.authority}\r\n${fields.join('')}${framing}\r\n`;
  const [request] = readByLlhttp('request', Buffer.from(text, 'latin1'));
  assert.ok(request !== undefined, 'llhttp takes what is sent on');
  const again = readHead(request, { trusted: false });
  for (const name of ['method', 'host', 'authority', 'path', 'query', 'hasBody', 'contentLength', 'fields'] as const)
    assert.deepEqual(again[name], head[name], name);
}
