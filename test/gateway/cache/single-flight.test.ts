// Many clients that miss in the response cache at the same time: one call for all of them, as far
// as they may share its answer.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { eventually } from '../../eventually.ts';
import { type Answer, withListener } from './cached-listener.ts';

describe('single flight', () => {
  const held = () => {
    const waiting: ServerResponse[] = [];
    const answer: Answer = (_request, response) => void waiting.push(response);
    return { waiting, answer };
  };

  it('makes one call for a hundred clients', async () => {
    const { waiting, answer } = held();
    await withListener('ttl: 1m', answer, async ({ get, upstream }) => {
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
    await withListener('ttl: 1m', answer, async ({ get, upstream, listener }) => {
      const leaving = new AbortController();
      const first = fetch(`${listener.address}/shop/menu`, { signal: leaving.signal });
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
    withListener(
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

  it('keeps nobody waiting for an answer that may not be kept', () => {
    const together: (() => void)[] = [];
    return withListener(
      'ttl: 1m',
      // All but the first are answered together: if one waited for another, none would be.
      (_request, response, count) => {
        const answer = () => response.writeHead(200, { 'cache-control': 'no-store' }).end();
        if (count === 1) return answer();
        if (together.push(answer) === 10) for (const each of together) each();
      },
      async ({ get }) => {
        await get();
        await Promise.all(Array.from({ length: 10 }, () => get()));
      },
    );
  });

  it('ends a wait with the deadline of who waits', async () => {
    const { answer } = held();
    await withListener('ttl: 1m', answer, async ({ get }) => {
      const statuses = await Promise.all([get(), get()]);
      assert.deepEqual(
        statuses.map(({ status }) => status),
        [504, 504],
      );
    });
  });
});
