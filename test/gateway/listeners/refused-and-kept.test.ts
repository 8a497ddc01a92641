// Requests that are refused, from clients that do not close their connections.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { openTestListener } from './test-listener.ts';

const HOST = 'Host: a.example\r\n';
const kept: Readonly<Record<string, readonly [bytes: string, status: number]>> = {
  'a CONNECT': [`CONNECT b.example:443 HTTP/1.1\r\n${HOST}\r\n`, 400],
  'a head that is no HTTP': [`GET / HTTP/1.1\r\nbroken\r\n\r\n`, 400],
  'a head that is too large': [`GET / HTTP/1.1\r\n${HOST}X-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  'a body whose chunks are broken': [
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nxyz\r\na\r\n0\r\n\r\n`,
    400,
  ],
  'another expectation': [`GET / HTTP/1.1\r\n${HOST}Expect: tea\r\n\r\n`, 417],
  'two hosts': [`GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
};

describe('a listener that ends', () => {
  for (const [what, [bytes, status]] of Object.entries(kept))
    it(`does not wait for a client that keeps its connection after ${what}`, async () => {
      const upstream = await startUpstream(request => void request.resume());
      const listener = await openTestListener(upstream.origin, [{ path: '/*' }]);
      const { hostname, port } = new URL(listener.address);
      const client = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      client.on('error', () => {});
      const closed = once(client, 'close');
      client.write(bytes);
      const [answer] = await once(client, 'data');
      assert.match(String(answer), new RegExp(`^HTTP/1\\.1 ${status} `));
      await listener.close(100);
      client.end();
      await closed;
      await upstream.close();
    });
});
