// F31, F32: a fan-out expires by the log's time, wherever the clock of the worker
// stands that waits for it. And a job that its redriven items complete has succeeded.
import assert from 'node:assert/strict';
import type { Fact } from '../../../core/fan-outs/facts.ts';
import { decodeFanOutJob, type FanOutJob } from '../../../core/fan-outs/job.ts';
import { JOBS_TABLE } from '../../../core/fan-outs/layout.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { ItemBits } from '../../../worker/fan-outs/item-bits.ts';
import { JobTurn } from '../../../worker/fan-outs/job-turn.ts';

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];
const DEADLINE_MS = 2 * HOUR_MS;
const BEGAN = Date.UTC(2030, 0, 1);
const NONCE = 'n';
const rules = {
  completion: { when: 'all', tolerate: { count: 0 } },
  deadlineMs: DEADLINE_MS,
  ttlMs: DAY_MS,
  gathers: false,
} as const;

/** What comes of it: the job, and after how long its timer is set to tell of the deadline. */
function take(fact: Fact, timestamp: number, clock: number, before?: FanOutJob) {
  const turn = new JobTurn({ nonce: NONCE, partition: 0 }, rules, before, new ItemBits(NONCE), new Map(), clock);
  turn.take(fact, { offset: 0, timestamp, key: NONCE, value: Buffer.from('{}'), headers: {} });
  const changes = turn.changes();
  const row = changes.find(change => change.kind === 'put-row' && change.table === JOBS_TABLE);
  const timers = changes.flatMap((change: Change) =>
    change.kind === 'set-timer' && change.timer === `deadline/${NONCE}` ? [change.inMs] : [],
  );
  return { job: row?.kind === 'put-row' ? decodeFanOutJob(Buffer.from(row.value)) : before, timers };
}

const start: Fact = { kind: 'start', owner: '' };
const deadline: Fact = { kind: 'deadline', generation: 0 };

describe('the deadline of a fan-out', () => {
  it('is waited for no longer than it is away, by a worker whose clock is behind', () => {
    assert.deepEqual(take(start, BEGAN, BEGAN - HOUR_MS).timers, [DEADLINE_MS]);
  });

  it('is waited for less long by a worker that comes late', () => {
    assert.deepEqual(take(start, BEGAN, BEGAN + HOUR_MS).timers, [DEADLINE_MS - HOUR_MS]);
  });

  it('does not pass because the clock of a worker is a day ahead: the rest of it is waited for', () => {
    const begun = take(start, BEGAN, BEGAN + DAY_MS);
    assert.deepEqual(begun.timers, [0]);
    const early = take(deadline, BEGAN + 5, BEGAN + DAY_MS, begun.job);
    assert.deepEqual([early.job?.state, early.timers], ['splitting', [DEADLINE_MS - 5]]);
    const passed = take(deadline, BEGAN + DEADLINE_MS, BEGAN + DAY_MS, early.job);
    assert.deepEqual([passed.job?.state, passed.timers], ['expired', []]);
  });
});

describe('a fan-out that is in the log twice under one nonce', () => {
  it('begins one time, whether the first is under way or has ended', () => {
    const begun = take(start, BEGAN, BEGAN);
    const ended = take(deadline, BEGAN + DEADLINE_MS, BEGAN, begun.job);
    for (const { job } of [begun, ended])
      assert.deepEqual(take(start, BEGAN + DEADLINE_MS + 1, BEGAN, job), { job, timers: [] });
    assert.equal(ended.job?.state, 'expired');
  });
});

describe('a failed job whose item is done after all', () => {
  const letter = { partition: 0, offset: 1, generation: 0, attempts: 3, reason: 'refused' } as const;
  const facts: readonly Fact[] = [
    start,
    { kind: 'split', items: 2, done: true },
    { kind: 'failed', index: 0, error: { message: 'no' }, letter },
    { kind: 'failed', index: 1, error: { message: 'no' }, letter: { ...letter, offset: 2 } },
  ];
  const done = (index: number): Fact => ({ kind: 'done', index, result: { status: 200, size: 0 } });
  const redrive: Fact = { kind: 'redrive', indexes: [0, 1] };

  /** One step for all of them, as of one process, and how often it says that the job has ended. */
  function jobAfter(more: readonly Fact[]) {
    const turn = new JobTurn({ nonce: NONCE, partition: 0 }, rules, undefined, new ItemBits(NONCE), new Map(), BEGAN);
    for (const [offset, fact] of [...facts, ...more].entries())
      turn.take(fact, { offset, timestamp: BEGAN + offset, key: NONCE, value: Buffer.from('{}'), headers: {} });
    const row = turn.changes().findLast(change => change.kind === 'put-row' && change.table === JOBS_TABLE);
    assert.ok(row?.kind === 'put-row');
    const { state, generation, succeeded, failed, error } = decodeFanOutJob(Buffer.from(row.value)) ?? assert.fail();
    return { state, generation, succeeded, failed, failure: error?.message };
  }
  const succeeded = { state: 'succeeded', generation: 1, succeeded: 2, failed: 0, failure: undefined };

  it('has succeeded once all are, also where nobody told it of the redrive', () => {
    const { state, generation } = jobAfter([done(0)]);
    assert.deepEqual([state, generation], ['failed', 0], 'one is still failed');
    assert.deepEqual(jobAfter([done(0), done(1)]), succeeded);
  });

  it('is told of the redrive before, between or after them, and begins one time anew', () => {
    assert.deepEqual(jobAfter([redrive, done(0), done(1)]), succeeded);
    assert.deepEqual(jobAfter([done(0), redrive, done(1)]), succeeded);
    assert.deepEqual(jobAfter([done(0), done(1), redrive]), succeeded);
  });
});

describe('an item that ends before its page is told', () => {
  const done: Fact = { kind: 'done', index: 1, result: { status: 200, size: 0 } };

  it('was handed out, and so were those before it', () => {
    const { job } = take(done, BEGAN, BEGAN, take(start, BEGAN, BEGAN).job);
    assert.deepEqual([job?.items, job?.succeeded, job?.split], [2, 1, false]);
    assert.equal(take({ kind: 'split', items: 1, done: false }, BEGAN, BEGAN, job).job?.items, 2);
  });
});
