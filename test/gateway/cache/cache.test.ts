// The response cache over real sockets: what is kept, for whom, for how long, and what clients are told.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { eventually } from '../../eventually.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { type Answer, openCachedDoor } from './cache-door.ts';

type Door = Awaited<ReturnType<typeof openCachedDoor>>;

async function withDoor(cache: string, answer: Answer | undefined, test: (door: Door) => Promise<void>, more = '') {
  const door = await openCachedDoor(cache, answer, more);
  try {
    await test(door);
  } finally {
    await door.close();
  }
}

const answerWith =
  (headers: Record<string, string>, status = 200): Answer =>
  (_request, response, count) => {
    response.writeHead(status, headers);
    response.end(`answer ${count}`);
  };

/** Whether the second of two equal requests was answered without the target. */
async function isShared(door: Door, path?: string, headers?: Record<string, string>): Promise<boolean> {
  await door.get(path, headers);
  const before = door.upstream.seen.length;
  await door.get(path, headers);
  return door.upstream.seen.length === before;
}

describe('a cached route', () => {
  it('keeps an answer for its ttl, with Age and Cache-Status', () =>
    withDoor('ttl: 10s', undefined, async ({ get, pass }) => {
      const first = await get();
      assert.deepEqual([first.body, first.cache], ['answer 1', 'tenfold; fwd=uri-miss; fwd-status=200; stored']);
      pass(3000);
      const second = await get();
      assert.deepEqual(
        [second.body, second.headers.get('age'), second.cache],
        ['answer 1', '3', 'tenfold; hit; ttl=7'],
      );
      pass(7000);
      const third = await get();
      assert.deepEqual([third.body, third.cache], ['answer 2', 'tenfold; fwd=stale; fwd-status=200; stored']);
    }));

  const keys: Record<string, [string, string, boolean]> = {
    'the same query in another order': ['/menu?a=1&b=2', '/menu?b=2&a=1', true],
    'two values of one parameter in another order': ['/menu?a=1&a=2', '/menu?a=2&a=1', false],
    'another query': ['/menu?a=1', '/menu?a=2', false],
    'another path': ['/menu', '/menu/1', false],
    'an empty query': ['/menu', '/menu?', true],
  };
  for (const [name, [first, second, same]] of Object.entries(keys)) {
    it(`takes ${name} for ${same ? 'the same' : 'another answer'}`, () =>
      withDoor('ttl: 1m', undefined, async ({ get }) => {
        await get(first);
        assert.equal((await get(second)).body, same ? 'answer 1' : 'answer 2');
      }));
  }

  const answers: Record<string, [Record<string, string>, boolean, number?]> = {
    'Set-Cookie': [{ 'set-cookie': 'a=b' }, false],
    'Cache-Control: no-store': [{ 'cache-control': 'no-store' }, false],
    'Cache-Control: no-cache': [{ 'cache-control': 'max-age=9, No-Cache' }, false],
    'Cache-Control: private': [{ 'cache-control': 'private, max-age=60' }, false],
    'Cache-Control: max-age=0': [{ 'cache-control': 'max-age=0' }, false],
    'Cache-Control: s-maxage before max-age': [{ 'cache-control': 'max-age=0, s-maxage=9' }, true],
    'Expires in the past': [{ expires: 'Thu, 01 Jan 2026 00:00:00 GMT' }, false],
    'Expires that is no date': [{ expires: '0' }, false],
    'an Age beyond the ttl': [{ age: '100' }, false],
    'Vary: *': [{ vary: 'accept, *' }, false],
    'an event stream': [{ 'content-type': 'text/event-stream' }, false],
    'a status that is not listed': [{}, false, 500],
    '404, which is listed': [{}, true, 404],
    'nothing against it': [{}, true],
  };
  for (const [name, [headers, kept, status]] of Object.entries(answers)) {
    it(`${kept ? 'keeps' : 'does not keep'} an answer with ${name}`, () =>
      withDoor('ttl: 1m', answerWith(headers, status), async door => assert.equal(await isShared(door), kept)));
  }

  it('keeps an answer no longer than the target allows', () =>
    withDoor('ttl: 1h', answerWith({ 'cache-control': 'max-age=5', age: '2' }), async ({ get, pass }) => {
      await get();
      assert.equal((await get()).headers.get('age'), '2');
      pass(3000);
      assert.equal((await get()).body, 'answer 2');
    }));

  it('keeps answers apart by the Vary of the answer', () =>
    withDoor('ttl: 1m', answerWith({ vary: 'Accept-Language' }), async ({ get }) => {
      const ask = async (language: string) => (await get('/menu', { 'accept-language': language })).body;
      assert.deepEqual(
        [await ask('de'), await ask('en'), await ask('de'), await ask('en')],
        ['answer 1', 'answer 2', 'answer 1', 'answer 2'],
      );
    }));

  it('keeps answers apart by the headers that the route names', () =>
    withDoor('ttl: 1m, vary: [x-device]', undefined, async ({ get }) => {
      const ask = async (device: string) => (await get('/menu', { 'x-device': device })).body;
      assert.deepEqual([await ask('a'), await ask('b'), await ask('a')], ['answer 1', 'answer 2', 'answer 1']);
    }));

  it('takes Accept-Encoding in many spellings for the same', () =>
    withDoor('ttl: 1m', answerWith({ vary: 'accept-encoding' }), async ({ get }) => {
      await get('/menu', { 'accept-encoding': 'gzip, br' });
      assert.equal((await get('/menu', { 'accept-encoding': 'br;q=0.9 , gzip' })).body, 'answer 1');
      assert.equal((await get('/menu', { 'accept-encoding': 'identity' })).body, 'answer 2');
    }));

  it('answers HEAD from GET, and never GET from HEAD', () =>
    withDoor('ttl: 1m', undefined, async ({ get }) => {
      assert.equal((await get('/menu', {}, 'HEAD')).cache, 'tenfold; fwd=bypass');
      await get();
      const head = await get('/menu', {}, 'HEAD');
      assert.deepEqual([head.body, head.headers.get('content-length'), head.cache], ['', '8', 'tenfold; hit; ttl=60']);
    }));

  it('leaves other methods alone', () =>
    withDoor('ttl: 1m', undefined, async ({ get }) => {
      await get();
      assert.equal((await get('/menu', {}, 'POST')).body, 'answer 2');
    }));

  it('answers 304 to who has the answer already, from the cache and from the first fetch', () =>
    withDoor('ttl: 1m', answerWith({ etag: '"v1"', 'x-more': 'y' }), async ({ get, upstream }) => {
      const first = await get('/menu', { 'if-none-match': '"v0", W/"v1"' });
      assert.deepEqual([first.status, first.body, first.headers.get('x-more')], [304, '', null]);
      assert.equal(upstream.seen[0]!.headers['if-none-match'], undefined);
      const second = await get('/menu', { 'if-none-match': '"v1"' });
      assert.deepEqual([second.status, second.headers.get('etag')], [304, '"v1"']);
      const other = await get('/menu', { 'if-none-match': '"v2"' });
      assert.deepEqual([other.status, other.body], [200, 'answer 1']);
      assert.equal(upstream.seen.length, 1);
    }));

  it('gives answers without an ETag one', () =>
    withDoor('ttl: 1m', undefined, async ({ get }) => {
      await get();
      const etag = (await get()).headers.get('etag')!;
      assert.equal((await get('/menu', { 'if-none-match': etag })).status, 304);
    }));

  it('answers 304 by date', () =>
    withDoor('ttl: 1m', answerWith({ 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' }), async ({ get }) => {
      await get();
      const ask = async (since: string) => (await get('/menu', { 'if-modified-since': since })).status;
      assert.equal(await ask('Thu, 01 Jan 2026 00:00:00 GMT'), 304);
      assert.equal(await ask('Wed, 31 Dec 2025 00:00:00 GMT'), 200);
    }));

  it('passes requests for a range through', () =>
    withDoor('ttl: 1m', undefined, async door => {
      await door.get();
      assert.equal(await isShared(door, '/menu', { range: 'bytes=0-1' }), false);
    }));

  it('begins anew when its route changes', () =>
    withDoor('ttl: 1m', undefined, async ({ get, swap }) => {
      await get();
      swap('ttl: 1m');
      assert.equal((await get()).body, 'answer 1');
      swap('ttl: 2m');
      assert.equal((await get()).body, 'answer 2');
    }));
});

describe('single flight', () => {
  const held = () => {
    const waiting: ServerResponse[] = [];
    const answer: Answer = (_request, response) => void waiting.push(response);
    return { waiting, answer };
  };

  it('makes one call for a hundred clients', async () => {
    const { waiting, answer } = held();
    await withDoor('ttl: 1m', answer, async ({ get, upstream }) => {
      const asked = Array.from({ length: 100 }, () => get());
      await eventually(() => waiting.length === 1, 'the call');
      await new Promise(resolve => setTimeout(resolve, 100));
      waiting[0]!.end('one');
      assert.deepEqual(new Set((await Promise.all(asked)).map(({ body }) => body)), new Set(['one']));
      assert.equal(upstream.seen.length, 1);
    });
  });

  it('lets another one fetch when the first client leaves', async () => {
    const { waiting, answer } = held();
    await withDoor('ttl: 1m', answer, async ({ get, upstream, door }) => {
      const leaving = new AbortController();
      const first = fetch(`${door.address}/shop/menu`, { signal: leaving.signal });
      await eventually(() => waiting.length === 1, 'the first call');
      const others = [get(), get()];
      await new Promise(resolve => setTimeout(resolve, 50));
      leaving.abort();
      await assert.rejects(first);
      await eventually(() => waiting.length === 2, 'the second call');
      waiting[1]!.end('two');
      assert.deepEqual(
        (await Promise.all(others)).map(({ body }) => body),
        ['two', 'two'],
      );
      assert.equal(upstream.seen.length, 2);
    });
  });

  it('does not give one failure to everybody', () =>
    withDoor(
      'ttl: 1m',
      (_request, response, count) => {
        setTimeout(() => {
          if (count === 1) response.destroy();
          else response.end('fine');
        }, 50);
      },
      async ({ get, upstream }) => {
        const statuses = (await Promise.all([get(), get(), get()])).map(({ status }) => status);
        assert.deepEqual(statuses.sort(), [200, 200, 502]);
        assert.equal(upstream.seen.length, 2);
      },
    ));

  it('keeps nobody waiting for an answer that may not be kept', () =>
    withDoor(
      'ttl: 1m',
      (_request, response) => {
        setTimeout(() => response.writeHead(200, { 'cache-control': 'no-store' }).end(), 100);
      },
      async ({ get }) => {
        await get();
        const began = Date.now();
        await Promise.all(Array.from({ length: 10 }, () => get()));
        assert.ok(Date.now() - began < 500, 'one after the other it would take a second');
      },
    ));

  it('ends a wait with the deadline of who waits', async () => {
    const { answer } = held();
    await withDoor('ttl: 1m', answer, async ({ get }) => {
      const statuses = await Promise.all([get(), get()]);
      assert.deepEqual(
        statuses.map(({ status }) => status),
        [504, 504],
      );
    });
  });
});

describe('stale answers', () => {
  const slowlyAnew: Answer = (_request, response, count) => {
    setTimeout(() => response.end(`answer ${count}`), count === 1 ? 0 : 100);
  };

  it('are given while they are fetched anew in the background, once', () =>
    withDoor('ttl: 1s, staleWhileRevalidate: 1m', slowlyAnew, async ({ get, pass, upstream }) => {
      await get();
      pass(5000);
      const stale = await Promise.all([get(), get(), get()]);
      assert.deepEqual(
        stale.map(({ body, cache }) => [body, cache]),
        Array(3).fill(['answer 1', 'tenfold; hit; ttl=-4']),
      );
      await eventually(async () => (await get()).body === 'answer 2', 'the fresh answer');
      assert.equal(upstream.seen.length, 2);
    }));

  it('are given on when the background fetch fails, which is not tried with each request', () =>
    withDoor(
      'ttl: 1s, staleWhileRevalidate: 1m',
      (_request, response, count) => response.writeHead(count === 1 ? 200 : 500).end(`answer ${count}`),
      async ({ get, pass, upstream }) => {
        await get();
        pass(5000);
        for (let index = 0; index < 20; index++) assert.equal((await get()).body, 'answer 1');
        assert.equal(upstream.seen.length, 2);
      },
    ));

  const failures: Record<string, Answer> = {
    'a 5xx': (_request, response) => response.writeHead(502).end('broken'),
    'a lost connection': (_request, response) => void response.destroy(),
    'no answer in time': () => {},
  };
  for (const [name, fail] of Object.entries(failures)) {
    it(`are given instead of ${name}`, () =>
      withDoor(
        'ttl: 1s, staleIfError: 1m',
        (request, response, count) => (count === 1 ? response.end('good') : fail(request, response, count)),
        async ({ get, pass }) => {
          await get();
          pass(5000);
          const answer = await get();
          assert.deepEqual([answer.status, answer.body], [200, 'good']);
          assert.match(answer.cache, /^tenfold; hit; ttl=-[4-6]$/);
          pass(60_000);
          assert.notEqual((await get()).status, 200);
        },
      ));
  }

  it('are not given when the target forbids it', () =>
    withDoor(
      'ttl: 1s, staleWhileRevalidate: 1m, staleIfError: 1m',
      (_request, response, count) =>
        response.writeHead(count === 1 ? 200 : 500, { 'cache-control': 'max-age=9, must-revalidate' }).end(),
      async ({ get, pass }) => {
        await get();
        pass(5000);
        assert.equal((await get()).status, 500);
      },
    ));
});

describe('what a cache must never share (FAULTS 57-59)', () => {
  const headers: Record<string, [Record<string, string>]> = {
    'an Authorization': [{ authorization: 'Bearer x' }],
    'a cookie': [{ cookie: 'sid=1' }],
    'X-HTTP-Method-Override': [{ 'x-http-method-override': 'POST' }],
    'X-Method-Override': [{ 'x-method-override': 'DELETE' }],
  };
  for (const [name, [sent]] of Object.entries(headers)) {
    it(`an answer to a request with ${name}, in either direction`, () =>
      withDoor('ttl: 1m', undefined, async door => {
        assert.equal(await isShared(door, '/menu', sent), false);
        assert.equal((await door.get()).body, 'answer 3');
        assert.equal((await door.get('/menu', sent)).body, 'answer 4');
      }));
  }

  it('shares with who shows a cookie what the answer calls public, and never with who proves who they are', () =>
    withDoor('ttl: 1m', answerWith({ 'cache-control': 'public' }), async ({ get }) => {
      await get();
      assert.equal((await get('/menu', { cookie: 'consent=yes' })).body, 'answer 1');
      assert.equal((await get('/menu', { authorization: 'Basic x' })).body, 'answer 2');
    }));

  it('keeps consumers that it does not know apart by not keeping anything', () =>
    withDoor('ttl: 1m, perConsumer: true', undefined, async door => {
      assert.equal(await isShared(door, '/menu', { authorization: 'Bearer x' }), false);
      assert.equal(await isShared(door), true);
    }));

  it('an answer made from X-Forwarded-Host or X-Original-URL of a client: they never reach the target', () =>
    withDoor(
      'ttl: 1m',
      (request, response) =>
        response.end(JSON.stringify([request.headers['x-forwarded-host'], request.headers['x-original-url']])),
      async ({ get, door }) => {
        const sent = {
          'x-forwarded-host': 'evil.example',
          'x-original-url': '/admin',
          x_forwarded_host: 'evil.example',
        };
        assert.equal((await get('/menu', sent)).body, JSON.stringify([new URL(door.address).host, null]));
      },
    ));

  it('an answer to another Host, another port of it included', () =>
    withDoor(
      'ttl: 1m',
      (request, response) => response.end(`at ${request.headers['x-forwarded-host']}`),
      async ({ door }) => {
        const ask = (host: string) =>
          sendRaw(door.address, `GET /shop/menu HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
        await ask('shop.example:1337');
        assert.match((await ask('shop.example')).text, /at shop\.example$/m);
        assert.match((await ask('shop.example')).text, /tenfold; hit/);
        assert.match((await ask('SHOP.example')).text, /tenfold; hit/);
      },
    ));

  it('what a path ending in .css answers to somebody who is signed in', () =>
    withDoor('ttl: 1m', undefined, async ({ get }) => {
      await get('/account/a.css', { cookie: 'sid=victim' });
      assert.equal((await get('/account/a.css')).body, 'answer 2');
    }));

  it('stays within its memory with any number of keys', () =>
    withDoor(
      'ttl: 1m',
      (_request, response) => response.end(Buffer.alloc(1024 * 1024)),
      async ({ get, upstream }) => {
        for (let index = 0; index < 70; index++) await get(`/menu?n=${index}`);
        await get('/menu?n=69');
        assert.equal(upstream.seen.length, 70, 'the newest is there');
        await get('/menu?n=0');
        assert.equal(upstream.seen.length, 71, 'the oldest is gone');
      },
    ));
});
