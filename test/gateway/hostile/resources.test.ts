// Input that costs its sender little and others much: refused or held back, with bounded memory,
// while another client is served (FAULTS.md, 60).
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { assertKeptSince, keptBytes } from '../../kept-memory.ts';
import { serveYaml } from '../serve-yaml.ts';

const ORIGIN = 'https://shop.example';
const yaml = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  cors: { origins: ['${ORIGIN}'] }
  graphql:
    schema: ./shop.graphql
    maxDepth: 5
    maxAliases: 10
    maxCost: 200
    resolvers: { Query.node: { to: { url: "${origin}" }, path: /node } }
  routes:
    - match: { path: /orders }
      to: { url: "${origin}" }
      request:
        maxBody: 1Mi
        schema: { type: object, properties: { name: { type: string, pattern: '^(a+)+$' } } }
    - match: { path: /rule }
      to: { url: "${origin}" }
      auth: { allow: "\${request.query.v.matches('^(a|a)*(a+)+$')}" }
    - match: { path: /by-query, query: { last: '1' } }
      to: { url: "${origin}" }
    - { match: { path: "/*" }, to: { url: "${origin}" } }
`;

const KEPT_BYTES = 32e6;
/**
 * Others are served in a few milliseconds; this leaves room for a busy machine
 * and none for a blocked loop.
 */
const OTHERS_MS = 20_000;
const SLOW = 100;

describe('input that costs much (60)', () => {
  let folder: string;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  let written = 0;
  let slow: { socket: Socket; text: string; closed: boolean }[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold.hostile-'));
    await writeFile(join(folder, 'shop.graphql'), 'type Query { node: Node }\ntype Node { id: ID node: Node }\n');
    upstream = await startUpstream((request, response) => {
      request.resume();
      if (request.url !== '/endless') return void response.end('ok');
      const chunk = Buffer.alloc(65_536);
      const more = () => {
        while (!response.destroyed) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
      };
      more();
    });
    listener = await serveYaml(yaml(upstream.origin), { file: join(folder, 'app.yaml') });
    // They drip on while all other tests run.
    slow = Array.from({ length: SLOW }, () => {
      const one = { socket: connect(Number(new URL(listener.address).port), '127.0.0.1'), text: '', closed: false };
      const timer = setInterval(() => one.socket.write('X-A: b\r\n'), 500);
      one.socket.setEncoding('latin1').on('data', chunk => (one.text += chunk));
      one.socket.on('error', () => {});
      one.socket.on('close', () => {
        clearInterval(timer);
        one.closed = true;
      });
      one.socket.write('GET /other HTTP/1.1\r\nHost: a.example\r\n');
      return one;
    });
  });
  after(async () => {
    for (const { socket } of slow) socket.destroy();
    await listener.close();
    await upstream.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs `task` while another client asks again and again. */
  async function besideOthers<T>(task: () => Promise<T>): Promise<T> {
    const before = keptBytes();
    let running = true;
    let slowest = 0;
    const other = (async () => {
      do {
        const began = performance.now();
        assert.equal((await fetch(`${listener.address}/other`)).status, 200);
        slowest = Math.max(slowest, performance.now() - began);
        // The memory is that of the hostile input, not of thousands of requests
        // that the upstream remembers.
        await new Promise(resolve => setTimeout(resolve, 10));
      } while (running);
    })();
    try {
      return await task();
    } finally {
      running = false;
      await other;
      assert.ok(slowest < OTHERS_MS, `another client waited ${slowest} ms`);
      await assertKeptSince(before, KEPT_BYTES);
    }
  }

  const post = async (path: string, body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}) =>
    (
      await fetch(listener.address + path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      })
    ).status;
  const query = (text: string) =>
    post('/graphql', JSON.stringify({ query: text }), { accept: 'application/graphql-response+json' });

  const bodies: Record<string, [() => Promise<number>, number]> = {
    'JSON that is 100 levels deep': [() => post('/orders', `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`), 400],
    'JSON that is 100,000 levels deep': [() => post('/orders', '['.repeat(100_000)), 400],
    'a member __proto__': [() => post('/orders', '{"__proto__":{"admin":true}}'), 400],
    'a member __proto__ in escapes': [() => post('/orders', '{"\\u005f_proto__":{"admin":true}}'), 400],
    'a body of 2 MiB where 1 MiB is allowed': [() => post('/orders', 'a'.repeat(2 * 1024 * 1024)), 413],
    'a zip bomb': [() => post('/orders', gzipSync(Buffer.alloc(50_000_000)), { 'content-encoding': 'gzip' }), 415],
    'a text that a backtracking pattern never finishes': [
      () => post('/orders', JSON.stringify({ name: `${'a'.repeat(50_000)}!` })),
      400,
    ],
    'a query that a backtracking rule never finishes': [
      async () => (await fetch(`${listener.address}/rule?v=${'a'.repeat(5_000)}!`)).status,
      403,
    ],
    'a GraphQL query with 10,000 aliases': [
      () => query(`{ ${Array.from({ length: 10_000 }, (_, index) => `a${index}: node { id }`).join(' ')} }`),
      400,
    ],
    'a GraphQL query 50 levels deep': [() => query(`{ ${'node { '.repeat(50)} id ${'}'.repeat(50)} }`), 400],
    'a GraphQL query 5,000 levels deep': [() => query(`{ ${'node { '.repeat(5000)}`), 400],
    'a GraphQL query 100,000 levels deep': [() => query(`{ ${'node { '.repeat(100_000)}`), 413],
    'more query parameters than a head may hold': [
      async () =>
        (await sendRaw(listener.address, `GET /x?${'a&'.repeat(1_000_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).statuses[0] ??
        0,
      431,
    ],
    'as many query parameters as a head holds, on a route that looks at them': [
      async () => (await fetch(`${listener.address}/by-query?${'a&'.repeat(7000)}last=1`)).status,
      200,
    ],
    'more header fields than are read': [
      async () =>
        (await sendRaw(listener.address, `GET /x HTTP/1.1\r\nHost: a\r\n${'a:b\r\n'.repeat(5000)}\r\n`)).statuses[0] ??
        0,
      431,
    ],
  };
  for (const [name, [send, status]] of Object.entries(bodies)) {
    it(`${name}: ${status}, while others are served`, async () => {
      assert.equal(await besideOthers(send), status);
      assert.equal(Object.hasOwn(Object.prototype, 'admin'), false);
    });
  }

  for (const origin of [
    'null',
    `${ORIGIN}.evil.example`,
    'https://evilshop.example',
    'http://shop.example',
    `${ORIGIN}:8443`,
  ]) {
    it(`a page of ${origin} may not read answers`, async () => {
      const answer = await fetch(`${listener.address}/other`, { headers: { origin } });
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
      const preflight = await fetch(`${listener.address}/other`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'PUT' },
      });
      assert.equal(preflight.headers.get('access-control-allow-origin'), null);
      const own = await fetch(`${listener.address}/other`, { headers: { origin: ORIGIN } });
      assert.equal(own.headers.get('access-control-allow-origin'), ORIGIN);
    });
  }

  it('clients that do not read: the upstream is held back, while others are served', async () => {
    await besideOthers(async () => {
      const readers = Array.from({ length: 8 }, () => {
        const socket = connect(Number(new URL(listener.address).port), '127.0.0.1');
        socket.on('error', () => {});
        socket.write('GET /endless HTTP/1.1\r\nHost: a.example\r\n\r\n');
        return socket.pause();
      });
      let last = -1;
      let still = 0;
      await eventually(() => {
        still = written > 0 && written === last ? still + 1 : 0;
        last = written;
        return still > 20;
      }, 'the upstream stands still');
      assert.ok(written / readers.length < 16e6, `${written} bytes were taken from the upstream`);
      for (const socket of readers) socket.destroy();
    });
  });

  it('heads that drip: 408 and the end, while others are served', async () => {
    await besideOthers(async () => {
      await eventually(() => slow.every(({ closed }) => closed), 'all are closed');
    });
    for (const { text } of slow) assert.match(text, /^HTTP\/1\.1 408 /);
  });
});
