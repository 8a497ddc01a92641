// The same inputs through the gateway to servers in Node, Go, Python and nginx: what each of them
// saw is what the gateway says that it forwarded.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { openTestListener } from '../listeners/test-listener.ts';
import { programNames, type Server, startServer } from './upstreams/servers.ts';

const H = 'Host: a.example\r\n';
const get = (target: string, fields = '') => `GET ${target} HTTP/1.1\r\n${H}${fields}\r\n`;
const post = (fields: string, body: string) => `POST /body HTTP/1.1\r\n${H}${fields}\r\n\r\n${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked', body);
const smuggled = get('/smuggled');

/** Name → the bytes, and what is forwarded of them: method, target, bytes of the body. */
const inputs: Record<string, [string, ...[string, string, number][]]> = {
  'a plain request': [get('/plain?a=1'), ['GET', '/plain?a=1', 0]],
  'three in a row': [get('/1') + get('/2') + get('/3'), ['GET', '/1', 0], ['GET', '/2', 0], ['GET', '/3', 0]],
  'a body with its length, and another request': [
    post('Content-Length: 5', 'hello') + get('/next'),
    ['POST', '/body', 5],
    ['GET', '/next', 0],
  ],
  'a body that looks like a request': [
    post(`Content-Length: ${smuggled.length}`, smuggled),
    ['POST', '/body', smuggled.length],
  ],
  'chunks that look like a request': [
    chunked(`${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`),
    ['POST', '/body', smuggled.length],
  ],
  'chunks with extensions': [chunked('5;a=b;c="d"\r\nhello\r\n0;x\r\n\r\n'), ['POST', '/body', 5]],
  'chunk sizes with leading zeros, in either case': [
    chunked('00a\r\n0123456789\r\n0A\r\n0123456789\r\n0\r\n\r\n'),
    ['POST', '/body', 20],
  ],
  'no chunk but the last': [chunked('0\r\n\r\n'), ['POST', '/body', 0]],
  trailers: [chunked('1\r\na\r\n0\r\nX-A: b\r\n\r\n') + get('/next'), ['POST', '/body', 1], ['GET', '/next', 0]],
  'an expectation': [post('Expect: 100-continue\r\nContent-Length: 2', 'ok'), ['POST', '/body', 2]],
  'a GET with a body': [
    `GET /get HTTP/1.1\r\n${H}Content-Length: 3\r\n\r\nabc${get('/next')}`,
    ['GET', '/get', 3],
    ['GET', '/next', 0],
  ],
  'a DELETE with a body': [`DELETE /x HTTP/1.1\r\n${H}Content-Length: 3\r\n\r\nabc`, ['DELETE', '/x', 3]],
  'a HEAD': [`HEAD /head HTTP/1.1\r\n${H}\r\n`, ['HEAD', '/head', 0]],
  'HTTP/1.0 with a body': [`POST /old HTTP/1.0\r\n${H}Content-Length: 2\r\n\r\nok`, ['POST', '/old', 2]],
  'an absolute target': [get('http://a.example/absolute?x'), ['GET', '/absolute?x', 0]],
  escapes: [get('/%61%2fb;c/%c3%a9?%2f'), ['GET', '/a%2Fb;c/%C3%A9?%2f', 0]],
  'lengths that strangers spell with underscores': [
    `POST /body HTTP/1.1\r\n${H}Content-Length: 2\r\nTransfer_Encoding: chunked\r\n\r\nok${get('/next')}`,
    ['POST', '/body', 2],
    ['GET', '/next', 0],
  ],
  'an Upgrade that nobody serves': [
    get('/h2c', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'),
    ['GET', '/h2c', 0],
  ],
  'Content-Length and Transfer-Encoding': [
    post('Content-Length: 4\r\nTransfer-Encoding: chunked', `0\r\n\r\n${smuggled}`),
  ],
  'two Content-Lengths': [post('Content-Length: 0\r\nContent-Length: 44', smuggled)],
  'a coding before chunked': [post('Transfer-Encoding: gzip, chunked', `0\r\n\r\n${smuggled}`)],
  'a coding after a tab': [post('Transfer-Encoding:\tx\tchunked', `0\r\n\r\n${smuggled}`)],
  'a bare carriage return in a field': [post('X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 0', smuggled)],
  'a chunk size that no number holds': [chunked(`100000000000000005\r\nhello\r\n0\r\n\r\n${smuggled}`)],
  'a chunk that is longer than its size': [chunked(`1\r\nabc\r\n0\r\n\r\n${smuggled}`)],
  'a body that is never whole': [post('Content-Length: 100', smuggled)],
  'chunks that are never whole': [chunked(`40\r\n${smuggled}`)],
  'dot segments': [get('/a/../b')],
  'another host': [get('http://b.example/x')],
};

for (const program of programNames) {
  describe(`what ${program} sees behind the gateway`, () => {
    let server: Server;
    let listener: Awaited<ReturnType<typeof openTestListener>>;

    before(async () => {
      server = await startServer(program);
      listener = await openTestListener(server.origin, [{ path: '/*', timeoutMs: 400 }]);
    });
    after(async () => {
      await listener.close();
      await server.close();
    });

    for (const [name, [bytes, ...expected]] of Object.entries(inputs)) {
      it(`${name}: ${expected.length === 0 ? 'nothing' : expected.map(each => each.join(' ')).join(', ')}`, async () => {
        server.seen.splice(0);
        listener.answered.splice(0);
        await sendRaw(listener.address, bytes, 100);
        // It comes after whatever was smuggled.
        await sendRaw(listener.address, get('/last', 'Connection: close\r\n'));
        await eventually(() => listener.answered.some(({ path }) => path === '/last'), 'the last answer is logged');
        // What a server has seen comes through a pipe, in order.
        await eventually(() => server.seen.some(({ target }) => target === '/last'), 'the last request is told');
        // Requests in a row are forwarded side by side, so their order says nothing.
        assert.deepEqual(
          server.seen.map(({ method, target, length }) => [method, target, length].join(' ')).sort(),
          [...expected, ['GET', '/last', 0]].map(each => each.join(' ')).sort(),
        );
        // All servers answer 200, and the gateway never does so itself.
        const logged = listener.answered.filter(({ status }) => status === 200);
        assert.deepEqual(
          logged.map(({ method, path }) => `${method} ${path}`).sort(),
          server.seen.map(({ method, target }) => `${method} ${target.split('?')[0]}`).sort(),
        );
      });
    }
  });
}
