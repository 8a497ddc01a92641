// States of jobs: what is in the store after each thing that can happen, and that a result is there
// before the dispatcher is told.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import type { JobEndsOptions } from '../../../worker/jobs/job-ends.ts';
import { sweep } from '../../../worker/jobs/sweep-blobs.ts';
import { createFakeBlobs } from '../../fakes/fake-blobs.ts';
import { answerOf, never } from '../deliver/items.ts';
import { failed, jobItem, letterOf, NONCE, refused, setUp } from './jobs-harness.ts';

describe('jobs', () => {
  it('are kept with their result before the dispatcher is told', async () => {
    const { destination, rowOf, world } = setUp(() => ({ kind: 'done', answer: answerOf(201, { cups: 2 }) }));
    assert.partialDeepStrictEqual((await destination.deliver([jobItem()], never)) as object[], [{ kind: 'done' }]);
    const row = rowOf();
    assert.partialDeepStrictEqual(row as object, {
      state: 'succeeded',
      attempts: 1,
      acceptedAt: 1000,
      finishedAt: world.now(),
      owner: '',
    });
    assert.partialDeepStrictEqual(row?.result as object, { status: 201, contentType: 'application/json', size: 10 });
    assert.equal(String(row?.result?.body), '{"cups":2}');
    await world.pass(60_001);
    assert.equal(rowOf(), undefined);
  });

  it('are seen running once they take a while, waiting after a failure, and failed when they are given up', async () => {
    let finish = (_: Outcome) => {};
    const { destination, rowOf, world, ends } = setUp(() => new Promise(resolve => (finish = resolve)));
    const delivered = destination.deliver([jobItem(5, 2)], never);
    assert.equal(rowOf(), undefined);
    await world.pass(150);
    assert.partialDeepStrictEqual(rowOf() as object, { state: 'running', attempts: 2 });
    finish(failed);
    await delivered;
    assert.partialDeepStrictEqual(rowOf() as object, { state: 'waiting', attempts: 2, error: { status: 500 } });
    await ends.deadLettered(letterOf('exhausted', { attempts: 8, at: world.now(), error: { message: 'no' } }));
    assert.partialDeepStrictEqual(rowOf() as object, { state: 'failed', attempts: 8, finishedAt: world.now() });
  });

  it('wait again when the target asks for a pause after they were seen to run', async () => {
    let pause = (_: Outcome) => {};
    const { destination, rowOf, world } = setUp(() => new Promise(resolve => (pause = resolve)));
    const later: Outcome = { kind: 'later', afterMs: 5000, error: { message: 'busy' } };
    const quick = destination.deliver([jobItem(1)], never);
    await world.pass(1);
    pause(later);
    await quick;
    assert.equal(rowOf(1), undefined);
    const slow = destination.deliver([jobItem(2)], never);
    await world.pass(150);
    pause(later);
    await slow;
    assert.partialDeepStrictEqual(rowOf(2) as object, { state: 'waiting', nextAt: world.now() + 5000 });
  });

  for (const [reason, state] of [
    ['refused', 'failed'],
    ['expired', 'expired'],
    ['cancelled', 'cancelled'],
  ] as const) {
    it(`end as ${state} when they were given up as ${reason}`, async () => {
      const { ends, rowOf } = setUp(() => refused);
      await ends.deadLettered(letterOf(reason, { attempts: 0, at: 9 }));
      assert.equal(rowOf()?.state, state);
    });
  }

  it('keep their first success, whoever comes later', async () => {
    const results = [answerOf(200, { cups: 1 }), answerOf(200, { cups: 2 })];
    const { destination, ends, rowOf } = setUp(() => ({ kind: 'done', answer: results.shift() }));
    await destination.deliver([jobItem()], never);
    await destination.deliver([jobItem()], never);
    await ends.deadLettered(letterOf('exhausted', { attempts: 8, at: 9e12 }));
    assert.equal(rowOf()?.state, 'succeeded');
    assert.equal(String(rowOf()?.result?.body), '{"cups":1}');
  });

  it('have ended also where the store has forgotten it, once it was reminded', async () => {
    let finish = (_: Outcome) => {};
    const { destination, rowOf, world, store, remind } = setUp(() => new Promise(resolve => (finish = resolve)));
    const delivered = destination.deliver([jobItem()], never);
    await world.pass(200);
    const running = new Map(store.entries);
    assert.equal(rowOf()?.state, 'running');
    finish({ kind: 'done', answer: answerOf(200, { cups: 1 }) });
    await delivered;
    const ended = rowOf();
    for (const known of [running, new Map()]) {
      store.entries.clear();
      for (const [key, entry] of known) store.entries.set(key, entry);
      await remind();
      assert.deepEqual(rowOf(), ended);
    }
  });
});

describe('jobs that are taken up again or cancelled', () => {
  it('that were given up and have been redriven since are not ended by a reminder', async () => {
    const { destination, ends, rowOf, world, store, remind } = setUp(() => new Promise(() => {}));
    await ends.deadLettered(letterOf('exhausted', { attempts: 8, at: 9 }));
    store.entries.clear();
    void destination.deliver([jobItem()], never);
    await world.pass(200);
    await remind();
    assert.equal(rowOf()?.state, 'running');
  });

  it('come back to life when they are redriven', async () => {
    const { destination, ends, rowOf, world } = setUp(() => ({ kind: 'done', answer: answerOf(200, {}) }));
    await ends.deadLettered(letterOf('exhausted', { attempts: 8, at: world.now() }));
    await world.pass(1000);
    await destination.deliver([jobItem()], never);
    assert.equal(rowOf()?.state, 'succeeded');
  });

  it('that are cancelled while they run have their call ended', async () => {
    const { destination, signals, inner, world, store } = setUp(
      (_, signal) => new Promise(resolve => signal.addEventListener('abort', () => resolve(failed))),
    );
    const delivered = destination.deliver([jobItem()], never);
    await world.pass(1);
    signals.cancelled.tell(`default/brew/2-5-${NONCE}`);
    assert.deepEqual(await delivered, [
      { kind: 'failed', retryable: false, cancelled: true, error: { message: 'The job was cancelled.' } },
    ]);
    // In another process: it is found in the store.
    const other = destination.deliver([jobItem(6)], never);
    await world.pass(200);
    await store.put('jobs/default/brew/2', `2-6-${NONCE}/cancel`, 'x', { ttlMs: 1e6 });
    await world.pass(2000);
    assert.partialDeepStrictEqual((await other) as object[], [{ kind: 'failed', retryable: false }]);
    assert.equal(inner.seen.length, 2);
  });

  it('that are in the log twice under one nonce are worked once', async () => {
    const { destination, inner, rowOf } = setUp(() => ({ kind: 'done', answer: answerOf(200, { cups: 1 }) }));
    const once = { 'tenfold-once': '60000' };
    await destination.deliver([jobItem(5, 1, once)], never);
    await destination.deliver([jobItem(9, 1, once)], never);
    await destination.deliver([jobItem(5, 2, once)], never);
    assert.deepEqual(
      inner.seen.map(({ record }) => record.offset),
      [5, 5],
    );
    assert.equal(rowOf(9)?.sameAs, `2-5-${NONCE}`);
  });

  it('are worked once also where the store has forgotten the first, once it was reminded', async () => {
    const { destination, inner, store, remind } = setUp(() => ({ kind: 'done', answer: answerOf(200, { cups: 1 }) }));
    const once = { 'tenfold-once': '60000' };
    await destination.deliver([jobItem(5, 1, once)], never);
    store.entries.clear();
    await remind();
    await destination.deliver([jobItem(9, 1, once)], never);
    assert.equal(inner.seen.length, 1);
  });
});

describe('jobs and a store that is away', () => {
  it('wait until the store is back before they count as done', async () => {
    const { destination, store, world, rowOf } = setUp(() => ({ kind: 'done', answer: answerOf(200, {}) }));
    store.before = async () => {
      throw new TenfoldError('store-unavailable', 'away');
    };
    let told = false;
    const delivered = destination.deliver([jobItem()], never).then(outcomes => {
      told = true;
      return outcomes;
    });
    await world.pass(5_000);
    assert.equal(told, false);
    store.before = async () => {};
    await world.pass(1_000);
    assert.partialDeepStrictEqual((await delivered) as object[], [{ kind: 'done' }]);
    assert.equal(rowOf()?.state, 'succeeded');
  });

  it('are done again when the store does not come back', async () => {
    const { destination, store, world } = setUp(() => ({ kind: 'done', answer: answerOf(200, {}) }));
    store.before = async () => {
      throw new TenfoldError('store-unavailable', 'away');
    };
    const delivered = destination.deliver([jobItem()], never);
    await world.pass(40_000);
    assert.partialDeepStrictEqual((await delivered) as object[], [{ kind: 'later' }]);
  });

  it('put large results into the blob store', async () => {
    // By the clock of the store, whatever that of the worker says.
    let now = Date.parse('2026-01-31T12:30:00Z');
    const blobs = createFakeBlobs(() => now);
    const { destination, rowOf } = setUp(() => ({ kind: 'done', answer: answerOf(200, 'x'.repeat(101)) }), { blobs });
    await destination.deliver([jobItem()], never);
    const result = rowOf()?.result;
    assert.equal(result?.size, 101);
    assert.equal(result?.body, undefined);
    assert.equal(blobs.kept.get(result?.blob ?? '')?.bytes.length, 101);
    // They are found and deleted once their rows have gone, not before.
    assert.equal(await sweep(blobs, never), 0);
    now += 2 * 3_600_000;
    assert.equal(await sweep(blobs, never), 1);
    assert.equal(blobs.kept.size, 0);
  });

  it('owe their callback, again when it is not known whether the first was written', async () => {
    const owed: [string, string][] = [];
    let fails = true;
    const owe: JobEndsOptions['owe'] = async (_job, row, url) => {
      owed.push([row.state, url]);
      if (fails) throw new TenfoldError('log-unavailable', 'unknown');
    };
    const { destination, world } = setUp(() => ({ kind: 'done', answer: answerOf(204) }), { owe });
    const delivered = destination.deliver([jobItem(5, 1, { 'tenfold-callback': 'https://a.example/x' })], never);
    await world.pass(100);
    fails = false;
    await world.pass(300);
    await delivered;
    assert.deepEqual(owed, [
      ['succeeded', 'https://a.example/x'],
      ['succeeded', 'https://a.example/x'],
    ]);
  });
});
