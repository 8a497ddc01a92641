// Upgrades other than WebSocket: what a route names passes, and nothing passes
// unlooked at under another name.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { loadText } from '../../../resources/load/load-text.ts';
import { eventually } from '../../eventually.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (origin: string, protocols = '[spdy/3.1, tcp]') => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: pods }
spec:
  routes:
    - { match: { path: /exec }, to: { url: "${origin}" }, upgrade: ${protocols} }
    - { match: { path: /plain }, to: { url: "${origin}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: old }
spec: { basePath: /old, legacy: { url: "${origin}" } }
`;
const head = (protocol: string, path = '/exec', method = 'POST', more = '') =>
  `${method} ${path} HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${more}\r\n`;

describe('upgrade', () => {
  let upstream: Server;
  let seen: IncomingMessage[] = [];
  let sockets: Socket[] = [];
  let answerWith: string | undefined;
  let listener: Awaited<ReturnType<typeof serveYaml>>;

  before(async () => {
    upstream = createServer((request, response) => {
      seen.push(request);
      request.resume();
      response.end('ordinary');
    });
    upstream.on('upgrade', (request, socket: Socket, first: Buffer) => {
      seen.push(request);
      sockets.push(socket);
      socket.on('error', () => {});
      const protocol = answerWith ?? request.headers.upgrade;
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
      if (first.length > 0) socket.write(first);
      socket.pipe(socket);
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    listener = await serveYaml(yaml(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`));
  });
  beforeEach(() => {
    seen = [];
    answerWith = undefined;
  });
  after(async () => {
    await listener.close();
    for (const socket of sockets) socket.destroy();
    sockets = [];
    upstream.closeAllConnections();
    upstream.close();
  });

  const passing: Record<string, [string, RegExp]> = {
    'a protocol that the route names': [head('SPDY/3.1'), /^SPDY\/3\.1$/],
    'another one that it names': [head('tcp', '/exec', 'GET'), /^tcp$/],
    'any protocol to legacy': [head('made-up/2', '/old/x'), /^made-up\/2$/],
  };
  for (const [name, [request, protocol]] of Object.entries(passing)) {
    it(`passes bytes both ways in ${name}`, async () => {
      const socket = connect(Number(new URL(listener.address).port), '127.0.0.1');
      let text = '';
      socket.setEncoding('latin1').on('data', chunk => (text += chunk));
      // What follows the head at once belongs to the other protocol.
      socket.write(`${request}early `);
      await eventually(() => text.endsWith('early '), 'what came early is back');
      assert.match(text, /^HTTP\/1\.1 101 /);
      assert.match(seen[0]?.headers.upgrade ?? '', protocol);
      socket.write('later');
      await eventually(() => text.endsWith('early later'), 'what came later is back');
      socket.destroy();
    });
  }

  const ordinary: Record<string, string> = {
    'a protocol that the route does not name': head('foo'),
    'a route that names none': head('tcp', '/plain'),
    'several protocols at once': head('tcp, foo'),
    'a body, whose end would be anybody’s guess': `${head('tcp', '/exec', 'POST', 'Content-Length: 4\r\n')}body`,
    'chunks, likewise': `${head('tcp', '/exec', 'POST', 'Transfer-Encoding: chunked\r\n')}0\r\n\r\n`,
    'h2c, to legacy too': head('h2c', '/old/x', 'GET', 'HTTP2-Settings: AAMAAABkAAQAAP__\r\n'),
    'another HTTP, to legacy too': head('HTTP/2.0', '/old/x', 'GET'),
    'TLS, to legacy too': head('TLS/1.0', '/old/x', 'OPTIONS'),
    'no Connection that names it': head('tcp').replace('Connection: Upgrade', 'Connection: close'),
  };
  for (const [name, request] of Object.entries(ordinary)) {
    it(`answers a request with ${name} as any other, and forwards no Upgrade`, async () => {
      const answer = await sendRaw(listener.address, request);
      assert.deepEqual(answer.statuses, [200]);
      assert.equal(seen.length, 1);
      assert.equal(seen[0]?.headers.upgrade, undefined);
      assert.equal(seen[0]?.headers['http2-settings'], undefined);
    });
  }

  it('answers 502 when the target changes to something else', async () => {
    answerWith = 'h2c';
    const answer = await sendRaw(listener.address, head('tcp'));
    assert.deepEqual(answer.statuses, [502]);
    await eventually(() => sockets.at(-1)?.destroyed === true, 'the connection to the target is closed');
  });

  for (const protocol of ['h2c', 'h2', 'http/2.0', 'tls/1.0', 'WebSocket', 'a b']) {
    it(`cannot name ${protocol}`, () => {
      const { problems } = loadText('app.yaml', yaml('http://x.example', `["${protocol}"]`));
      assert.deepEqual(
        problems.map(({ path }) => path),
        ['spec.routes[0].upgrade[0]'],
      );
    });
  }
});
