// Answers of the response cache past their time: given while they are fetched
// anew, or when that fails.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { type Answer, withListener } from './cached-listener.ts';

describe('stale answers', () => {
  const slowlyAnew: Answer = (_request, response, count) => {
    setTimeout(() => response.end(`answer ${count}`), count === 1 ? 0 : 100);
  };

  it('are given while they are fetched anew in the background, once', () =>
    withListener('ttl: 1s, staleWhileRevalidate: 1m', slowlyAnew, async ({ get, pass, upstream }) => {
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
    withListener(
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
      withListener(
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
    withListener(
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
