// Compression over real sockets: which answers, which encoding, and that nothing is held back.
import assert from 'node:assert/strict';
import { request as send } from 'node:http';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { type Answer, openCachedListener } from '../cache/cached-listener.ts';
import { serveYaml } from '../serve-yaml.ts';

const text = 'coffee and cookies '.repeat(500);

const yaml = (origin: string, compression = '{ encodings: [zstd, br, gzip] }', route = '') => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  compression: ${compression}
  routes:
    - { match: { path: "/*" }, to: { url: "${origin}" }${route} }
`;

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** As fetch would, without decoding. `begun`: the first bytes of the body are there. */
function get(
  address: string,
  encoding: string | undefined,
  method = 'GET',
  begun: () => void = () => {},
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const headers = encoding === undefined ? {} : { 'accept-encoding': encoding };
    const request = send(`${address}/x`, { method, headers, agent: false }, response => {
      const chunks: Buffer[] = [];
      response.on('data', chunk => {
        if (chunks.push(chunk) === 1) begun();
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on('error', reject);
    });
    request.on('error', reject).end();
  });
}

async function withUpstream(answer: Answer, test: (address: string) => Promise<void>, ...more: [string?, string?]) {
  let count = 0;
  const upstream = await startUpstream((request, response) => answer(request, response, ++count));
  const listener = await serveYaml(yaml(upstream.origin, ...more));
  try {
    await test(listener.address);
  } finally {
    await listener.close();
    await upstream.close();
  }
}

const answerWith =
  (headers: Record<string, string>, status = 200): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/plain', ...headers });
    response.end(status === 204 || status === 304 ? undefined : text);
  };

describe('compression', () => {
  const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync };
  for (const [encoding, decode] of Object.entries(decoders)) {
    it(`gives ${encoding} to who asks for it`, () =>
      withUpstream(answerWith({ etag: '"v1"', 'content-length': String(text.length) }), async address => {
        const { headers, body } = await get(address, encoding);
        assert.equal(decode(body).toString(), text);
        assert.ok(body.length < text.length / 10);
        assert.partialDeepStrictEqual(headers, {
          'content-encoding': encoding,
          vary: 'Accept-Encoding',
          etag: 'W/"v1"',
          'transfer-encoding': 'chunked',
        });
        assert.equal(headers['content-length'], undefined);
      }));
  }

  const choices: Record<string, [string | undefined, string | undefined]> = {
    'the first offered among equals': ['gzip, br, zstd', 'zstd'],
    'what the client likes best': ['zstd;q=0.1, br;q=0.5, gzip', 'gzip'],
    'none of q=0': ['zstd;q=0, br;q=0.0, gzip;q=0.000', undefined],
    'any for a star': ['*', 'zstd'],
    'any but those excluded': ['zstd;q=0, *;q=0.5', 'br'],
    'none when plain is liked better': ['gzip;q=0.5, identity', undefined],
    'none for an unknown one': ['deflate, compress', undefined],
    'none without the header': [undefined, undefined],
    'none for nonsense': [';;q=,,=', undefined],
    'upper case': ['GZIP', 'gzip'],
  };
  for (const [name, [accepted, chosen]] of Object.entries(choices)) {
    it(`chooses ${name}`, () =>
      withUpstream(answerWith({}), async address => {
        const { headers } = await get(address, accepted);
        assert.deepEqual([headers['content-encoding'], headers['vary']], [chosen, 'Accept-Encoding']);
      }));
  }

  const left: Record<string, [Record<string, string>, number?]> = {
    'an encoded answer': [{ 'content-encoding': 'br' }],
    'an event stream': [{ 'content-type': 'text/event-stream' }],
    'an image': [{ 'content-type': 'image/png' }],
    'an answer without a type': [{ 'content-type': '' }],
    'no-transform': [{ 'cache-control': 'max-age=1, no-transform' }],
    'a part of an answer': [{ 'content-range': 'bytes 0-1/3' }, 206],
  };
  for (const [name, [headers, status]] of Object.entries(left)) {
    it(`leaves ${name} as it is`, () =>
      withUpstream(answerWith(headers, status), async address => {
        const answer = await get(address, 'gzip');
        assert.equal(answer.body.toString(), text);
        assert.equal(answer.headers['content-encoding'], headers['content-encoding']);
      }));
  }

  it('leaves small answers as they are, but says that they may differ', () =>
    withUpstream(
      (_request, response) =>
        response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '5' }).end('small'),
      async address => {
        const { headers, body } = await get(address, 'gzip');
        assert.deepEqual(
          [body.toString(), headers['vary'], headers['content-length']],
          ['small', 'Accept-Encoding', '5'],
        );
      },
    ));

  it('adds to the Vary of the answer', () =>
    withUpstream(answerWith({ vary: 'Origin' }), async address => {
      assert.equal((await get(address, 'gzip')).headers['vary'], 'Origin, Accept-Encoding');
    }));

  it('tells HEAD what GET would say, without a body', () =>
    withUpstream(answerWith({ 'content-length': String(text.length) }), async address => {
      const { headers, body } = await get(address, 'gzip', 'HEAD');
      assert.deepEqual([headers['content-encoding'], headers['content-length'], body.length], ['gzip', undefined, 0]);
    }));

  for (const status of [204, 304]) {
    it(`leaves ${status} alone`, () =>
      withUpstream(answerWith({}, status), async address => {
        const { headers, body } = await get(address, 'gzip');
        assert.deepEqual([headers['content-encoding'], body.length], [undefined, 0]);
      }));
  }

  it('matches types with a star in the middle', () =>
    withUpstream(answerWith({ 'content-type': 'application/problem+json; charset=utf-8' }), async address => {
      assert.equal((await get(address, 'gzip')).headers['content-encoding'], 'gzip');
    }));

  for (const encoding of ['gzip', 'br', 'zstd']) {
    let finish = () => {};
    it(`does not hold back the first bytes of a slow answer in ${encoding}`, () =>
      withUpstream(
        (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/plain' });
          response.write('first');
          // The rest comes only once the client has something: an answer that is
          // held back would never end.
          finish = () => response.end('last');
        },
        async address => {
          const { status } = await get(address, encoding, 'GET', () => finish());
          assert.equal(status, 200);
        },
      ));
  }

  it('cuts the answer when the upstream breaks off', () =>
    withUpstream(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.write(text);
        setTimeout(() => response.destroy(), 20);
      },
      address => assert.rejects(get(address, 'gzip')),
    ));

  it('is kept by the cache, once for each encoding', async () => {
    const listener = await openCachedListener(
      'ttl: 1m',
      (_request, response, count) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.end(`${count} ${text}`);
      },
      'compression: { encodings: [br, gzip], minSize: 1 }',
    );
    const address = `${listener.listener.address}/shop`;
    for (let round = 0; round < 2; round++) {
      assert.equal(gunzipSync((await get(address, 'gzip')).body).toString(), `1 ${text}`);
      assert.equal(brotliDecompressSync((await get(address, 'br')).body).toString(), `2 ${text}`);
      assert.equal((await get(address, undefined)).body.toString(), `3 ${text}`);
    }
    assert.equal(listener.upstream.seen.length, 3);
    const kept = await get(address, 'gzip');
    assert.equal(kept.headers['content-length'], String(kept.body.length));
    await listener.close();
  });
});
