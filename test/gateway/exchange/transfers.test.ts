// Transfers that last much longer than their timeout: whole as long as bytes flow, ended when a
// side stalls; whatever the framing, the listener and the way.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Writable } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { first } from '../../fixtures/tls/certificates.ts';
import { openTestListener } from '../listeners/test-listener.ts';
import { serveYaml } from '../serve-yaml.ts';

const TIMEOUT_MS = 1000;
const LASTS_MS = 2 * TIMEOUT_MS;
const PARTS = 64;
const PART = Buffer.alloc(2048, 'x');

/** All parts, evenly over the time. */
async function drip(to: Writable): Promise<void> {
  const began = performance.now();
  for (let part = 1; part <= PARTS && !to.destroyed; part++) {
    to.write(PART);
    const wait = began + (part * LASTS_MS) / PARTS - performance.now();
    await new Promise(resolve => setTimeout(resolve, wait));
  }
  to.end();
}

const LENGTH = { 'content-length': String(PARTS * PART.length) };

/** `/down/length`, `/up/chunked`, `/both/length`: what flows, and how the answer is framed. */
function serveTransfer(request: IncomingMessage, response: ServerResponse): void {
  const [way, framing] = (request.url ?? '').split('/').slice(-2);
  const answer = () => {
    response.writeHead(200, framing === 'length' ? LENGTH : {});
    void drip(response);
  };
  if (way === 'down') {
    request.resume();
    answer();
    return;
  }
  let received = 0;
  request.on('data', chunk => {
    received += chunk.length;
  });
  request.on('end', () => (way === 'both' ? answer() : response.end(String(received))));
}

async function transfer(address: string, way: string, framing: string): Promise<string> {
  const ask = address.startsWith('https') ? httpsRequest : httpRequest;
  const up = way !== 'down';
  const request = ask(`${address}/${way}/${framing}`, {
    method: up ? 'POST' : 'GET',
    headers: up && framing === 'length' ? LENGTH : {},
    rejectUnauthorized: false,
  });
  if (up) void drip(request);
  else request.end();
  const [response]: IncomingMessage[] = await once(request, 'response');
  const chunks: Buffer[] = [];
  response?.on('data', chunk => chunks.push(chunk));
  await once(response as IncomingMessage, 'end');
  const body = Buffer.concat(chunks);
  return `${response?.statusCode} ${way === 'up' ? body : body.length}`;
}

const yaml = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: files }
spec: { source: ./files.ts, timeout: 1s }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: api }
spec:
  basePath: /api
  routes:
    - { match: { path: /url/* }, to: { url: "${origin}" }, timeout: 1s }
    - { match: { path: /function/* }, to: { function: files } }
    - match: { path: /guarded/* }
      to: { url: "${origin}" }
      timeouts: { firstByte: 1s }
      retry: { attempts: 2, attemptTimeout: 1s }
      circuitBreaker: {}
      cache: { ttl: 1m }
---
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: old }
spec:
  basePath: /old
  legacy: { url: "${origin}", timeout: 1s }
  features: [ { name: up, match: { path: /up/* }, to: { url: "${origin}" }, phase: live, timeout: 1s } ]
`;

describe('a transfer that lasts longer than its timeout', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  let secure: Awaited<ReturnType<typeof openTestListener>>;

  before(async () => {
    upstream = await startUpstream(serveTransfer);
    listener = await serveYaml(yaml(upstream.origin), { functions: { files: upstream.origin } });
    secure = await openTestListener(upstream.origin, [{ path: '/*', timeoutMs: TIMEOUT_MS }], first);
  });
  after(async () => {
    await listener.close();
    await secure.close();
    await upstream.close();
  });

  const ways: Record<string, () => string> = {
    'through a route to a url': () => `${listener.address}/api/url`,
    'through a route to a function': () => `${listener.address}/api/function`,
    'through a route with limits of phases, retries, breaker and cache': () => `${listener.address}/api/guarded`,
    'through a Strangler': () => `${listener.address}/old`,
    'through a listener with TLS': () => secure.address,
  };
  for (const [name, addressOf] of Object.entries(ways)) {
    it(`is whole: down, up and both, of known and unknown length, ${name}`, async () => {
      const total = PARTS * PART.length;
      const kinds = ['down', 'up', 'both'].flatMap(way =>
        ['length', 'chunked'].map(framing => [way, framing] as const),
      );
      const got = await Promise.all(kinds.map(([way, framing]) => transfer(addressOf(), way, framing)));
      assert.deepEqual(
        got,
        kinds.map(() => `200 ${total}`),
      );
    });
  }

  it('is whole over TLS to the target', async () => {
    const origin = createTlsServer({ key: first.key, cert: first.cert }, serveTransfer);
    origin.listen(0, '127.0.0.1');
    await once(origin, 'listening');
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, first.cert]);
    const { port } = origin.address() as AddressInfo;
    const behind = await openTestListener(`https://localhost:${port}`, [{ path: '/*', timeoutMs: TIMEOUT_MS }]);
    const kinds = ['down', 'up'].flatMap(way => ['length', 'chunked'].map(framing => [way, framing] as const));
    const got = await Promise.all(kinds.map(([way, framing]) => transfer(behind.address, way, framing)));
    await behind.close();
    setDefaultCACertificates(trusted);
    origin.closeAllConnections();
    origin.close();
    assert.deepEqual(
      got,
      kinds.map(() => `200 ${PARTS * PART.length}`),
    );
  });
});

describe('a transfer of which a side stalls', () => {
  const api = (origin: string, limits: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: api }
spec: { routes: [ { match: { path: "/*" }, to: { url: "${origin}" }, request: { maxBody: 1Gi }, ${limits} } ] }
`;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  let serve: (request: IncomingMessage, response: ServerResponse) => void;
  const open: ClientRequest[] = [];

  before(async () => {
    upstream = await startUpstream((request, response) => serve(request, response));
  });
  afterEach(async () => {
    for (const request of open.splice(0)) request.destroy();
    await listener.close();
  });
  after(() => upstream.close());

  function post(headers: Record<string, string>): ClientRequest {
    const request = httpRequest(`${listener.address}/x`, { method: 'POST', headers });
    request.on('error', () => {});
    open.push(request);
    return request;
  }

  for (const [framing, headers] of [
    ['known', LENGTH],
    ['unknown', {}],
  ] as const) {
    it(`the client, in an upload of ${framing} length: 408, the target is left, and its breaker stays shut`, async () => {
      let left = false;
      serve = (request, response) => {
        request.resume();
        response.on('close', () => {
          left = true;
        });
      };
      const limits = 'timeout: 300ms, circuitBreaker: { minimum: 1 }';
      listener = await serveYaml(api(upstream.origin, limits));
      const request = post(headers);
      request.write(PART);
      const [response]: IncomingMessage[] = await once(request, 'response');
      assert.equal(response?.statusCode, 408);
      assert.equal(response?.headers.connection, 'close');
      response?.resume();
      await eventually(() => left, 'the call to the target has ended');
      serve = (_, answer) => answer.end('well');
      assert.equal((await fetch(listener.address)).status, 200);
    });

    it(`the target, in a download of ${framing} length: the answer breaks off, and is not taken for whole`, async () => {
      serve = (_, response) => {
        response.writeHead(200, headers);
        response.write(PART);
      };
      listener = await serveYaml(api(upstream.origin, 'timeouts: { idle: 100ms }'));
      await assert.rejects(async () => (await fetch(listener.address)).arrayBuffer());
    });

    it(`the client, in a download of ${framing} length: the target is left`, async () => {
      let left = false;
      const body = Buffer.alloc(64 * 1024 * 1024);
      serve = (_, response) => {
        response.on('close', () => {
          left = true;
        });
        response.writeHead(200, framing === 'known' ? { 'content-length': String(body.length) } : {});
        response.end(body);
      };
      listener = await serveYaml(api(upstream.origin, 'timeouts: { idle: 200ms }'));
      const request = post({});
      request.end();
      const [response]: IncomingMessage[] = await once(request, 'response');
      response?.pause();
      await eventually(() => left, 'the call to the target has ended');
      assert.equal(response?.complete, false);
    });
  }

  it('the target, in an upload: 504', async () => {
    serve = request => request.pause();
    listener = await serveYaml(api(upstream.origin, 'timeout: 300ms'));
    const request = post({ 'content-length': String(256 * 1024 * 1024) });
    const part = Buffer.alloc(1024 * 1024);
    const feed = () => {
      while (!request.destroyed && request.write(part));
    };
    request.on('drain', feed);
    feed();
    const [response]: IncomingMessage[] = await once(request, 'response');
    assert.equal(response?.statusCode, 504);
  });
});
