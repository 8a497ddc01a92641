// Answers of Views that are served again: how long, how many at once, and when not.
import assert from 'node:assert/strict';
import { type AnswerCache, type AnswerTimes, createAnswerCache } from '../../../gateway/views/answer-cache.ts';

const TIMES: AnswerTimes = { ttl: 1000, staleWhileRevalidate: 500, jitter: 0 };
const name = (question: string, key?: string, group = 'g') => ({ group, key, question });

describe('kept answers of Views', () => {
  let now: number;
  let made: number;
  let cache: AnswerCache;
  beforeEach(() => {
    now = 0;
    made = 0;
    cache = createAnswerCache({ monotonic: () => now, random: () => 0.5 }, 10_000);
  });

  const answerOf = (text: string) => ({ body: Buffer.from(text), freshness: { asOf: now, behind: 0 } });
  const ask = async (question: string, key?: string, times = TIMES) => {
    const { body } = await cache.ask(name(question, key), times, async () => answerOf(`${question} ${++made}`));
    return body.toString();
  };
  const settled = () => new Promise(resolve => setImmediate(resolve));

  it('are served as long as they may, then once more while a new one is made, then made anew', async () => {
    assert.equal(await ask('q'), 'q 1');
    now = 999;
    assert.equal(await ask('q'), 'q 1');
    now = 1200;
    assert.deepEqual(await Promise.all([ask('q'), ask('q')]), ['q 1', 'q 1']);
    await settled();
    assert.equal(await ask('q'), 'q 2');
    now = 9000;
    assert.equal(await ask('q'), 'q 3');
  });

  it('are told at once as long as they are fresh and their key has not changed', async () => {
    const fresh = () => cache.fresh(name('q', 'ada'))?.body.toString();
    assert.equal(fresh(), undefined);
    await ask('q', 'ada');
    assert.equal(fresh(), 'q 1');
    now = 1000;
    assert.equal(fresh(), undefined);
    assert.equal(await ask('q', 'ada'), 'q 1');
    await settled();
    assert.equal(fresh(), 'q 2');
    cache.changed('g', ['ada']);
    assert.equal(fresh(), undefined);
  });

  it('end earlier by the jitter', async () => {
    const times = { ttl: 1000, staleWhileRevalidate: 0, jitter: 0.2 };
    await ask('q', undefined, times);
    now = 899;
    assert.equal(await ask('q', undefined, times), 'q 1');
    now = 900;
    assert.equal(await ask('q', undefined, times), 'q 2');
  });

  it('are made once, however many ask at the same time; a failure is told to all of them and not kept', async () => {
    assert.deepEqual(await Promise.all([ask('q'), ask('q'), ask('q')]), ['q 1', 'q 1', 'q 1']);
    const fails = () => cache.ask(name('bad'), TIMES, async () => Promise.reject(new Error(`${++made}`)));
    const outcomes = await Promise.allSettled([fails(), fails()]);
    assert.deepEqual(
      outcomes.map(each => each.status === 'rejected' && each.reason.message),
      ['2', '2'],
    );
    await assert.rejects(fails(), { message: '3' });
  });

  it('go on being served while making a new one fails', async () => {
    await ask('q');
    now = 1200;
    const failing = () => cache.ask(name('q'), TIMES, async () => Promise.reject(new Error('away')));
    assert.equal((await failing()).body.toString(), 'q 1');
    await settled();
    assert.equal((await failing()).body.toString(), 'q 1');
  });

  it('are dropped when their key changes, and only they', async () => {
    await Promise.all([ask('a', 'ada'), ask('a2', 'ada'), ask('b', 'bob'), ask('all')]);
    cache.changed('g', ['ada', 'nobody']);
    cache.changed('other', ['bob']);
    assert.deepEqual([await ask('a', 'ada'), await ask('a2', 'ada')], ['a 5', 'a2 6']);
    assert.deepEqual([await ask('b', 'bob'), await ask('all')], ['b 3', 'all 4']);
  });

  it('are not kept, nor given to who asks later, when their key changes while they are made', async () => {
    const gate = Promise.withResolvers<void>();
    const first = cache.ask(name('a', 'ada'), TIMES, async () => {
      await gate.promise;
      return answerOf('old');
    });
    cache.changed('g', ['ada']);
    assert.equal(await ask('a', 'ada'), 'a 1');
    gate.resolve();
    assert.equal((await first).body.toString(), 'old');
    assert.equal(await ask('a', 'ada'), 'a 1');
    cache.changed('g', ['ada']);
    assert.equal(await ask('a', 'ada'), 'a 2');
  });

  it('are replaced by one that was made for who had waited', async () => {
    await ask('q');
    await cache.renew(name('q'), TIMES, async () => answerOf('newer'));
    assert.equal(await ask('q'), 'newer');
  });

  it('are bounded: what was used longest ago goes first, and what is too large is not kept', async () => {
    const large = (question: string, bytes: number) =>
      cache.ask(name(question), TIMES, async () => answerOf('x'.repeat(bytes) + ++made));
    for (const question of ['a', 'b', 'c']) await large(question, 2500);
    await large('a', 2500);
    await large('d', 2500);
    assert.ok(cache.bytes <= 10_000);
    const before = made;
    for (const question of ['d', 'c', 'a']) await large(question, 2500);
    assert.equal(made, before);
    await large('b', 2500);
    assert.equal(made, before + 1);
    await large('huge', 20_000);
    await large('huge', 20_000);
    assert.equal(made, before + 3);
  });
});
