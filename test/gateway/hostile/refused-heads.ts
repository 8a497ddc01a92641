// Requests that two servers could read in two ways, by their numbers in FAULTS.md: for
// every listener that there is.

export const H = 'Host: a.example\r\n';
export const get = (target: string, more = H) => `GET ${target} HTTP/1.1\r\n${more}\r\n`;
const post = (fields: string, body: string, version = '1.1') =>
  `POST / HTTP/${version}\r\n${H}${fields}\r\n\r\n${body}`;
export const chunked = (body: string) => post('Transfer-Encoding: chunked', body);

/** Name → the bytes sent and the statuses that are right. */
export const refused: Record<string, [string, ...number[]]> = {
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
  '27 a Host that is no name': [get('/', 'Host: a b\r\n'), 400],
  '28 an absolute target of another scheme': [get('ftp://a.example/'), 400],
  '35 TRACE with a body': [`TRACE / HTTP/1.1\r\n${H}Content-Length: 1\r\n\r\na`, 400],
  '8 identity as transfer coding': [post('Transfer-Encoding: identity', ''), 400],
  '13 identity before chunked': [post('Transfer-Encoding: identity, chunked', '0\r\n\r\n'), 400],
  '13 identity and chunked in two fields': [
    post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    400,
  ],
  '47 no Host': [get('/', ''), 400],
  '47 an empty Host in HTTP/1.0': ['GET / HTTP/1.0\r\nHost: \r\n\r\n', 400],
  '47 two Hosts in HTTP/1.0': [`GET / HTTP/1.0\r\n${H}${H}\r\n`, 400],
  '60 a header line of 20 KiB': [get('/', `${H}X-A: ${'a'.repeat(20_000)}\r\n`), 431],
};

/**
 * Wrong only after the head: the upstream may have begun to get the request, but never gets it
 * whole, nor anything after it.
 */
export const broken: Record<string, string> = {
  '16 a chunk that ends in a bare line feed': chunked('1\na\r\n0\r\n\r\n'),
  '17 a chunk size with 0x': chunked('0x1\r\na\r\n0\r\n\r\n'),
  '18 a chunk size that no number holds': chunked('100000000000000000\r\na\r\n0\r\n\r\n'),
  '19 a chunk extension of 64 KiB': chunked(`1;${'a'.repeat(65_536)}\r\na\r\n0\r\n\r\n`),
  '20 Content-Length in trailers': chunked('1\r\na\r\n0\r\nContent-Length: 5\r\n\r\n'),
};
