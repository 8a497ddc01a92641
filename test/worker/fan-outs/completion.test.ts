// When a job is complete: each rule, before the deadline and at it.
import assert from 'node:assert/strict';
import {
  type CompletionRule,
  type Counts,
  judgeAtDeadline,
  judgeCompletion,
} from '../../../worker/fan-outs/completion.ts';

const counts = (items: number, succeeded: number, failed = 0, split = true): Counts => ({
  items,
  succeeded,
  failed,
  split,
});
const all: CompletionRule = { when: 'all', tolerate: { count: 0 } };
const some: CompletionRule = { when: 'all', tolerate: { fraction: 0.25 } };
const three: CompletionRule = { when: 'quorum', quorum: { count: 3 }, tolerate: { count: 0 } };
const half: CompletionRule = { when: 'quorum', quorum: { fraction: 0.5 }, tolerate: { count: 0 } };
const then: CompletionRule = { when: 'deadline', tolerate: { count: 1 } };

describe('completion', () => {
  const before: readonly [name: string, rule: CompletionRule, counts: Counts, verdict: string][] = [
    ['all: something is open', all, counts(3, 2), 'go on'],
    ['all: everything is done', all, counts(3, 3), 'succeeded'],
    ['all: one failed', all, counts(3, 2, 1), 'failed'],
    ['all: one failed and another is open', all, counts(3, 1, 1), 'go on'],
    ['all: there are no items', all, counts(0, 0), 'succeeded'],
    ['all: what there is so far is done', all, counts(3, 3, 0, false), 'go on'],
    ['all: a quarter failed and that is tolerated', some, counts(8, 6, 2), 'succeeded'],
    ['all: more than a quarter failed', some, counts(8, 5, 3), 'failed'],
    ['all: a quarter of seven is one', some, counts(7, 5, 2), 'failed'],
    ['quorum: it is reached', three, counts(9, 3), 'succeeded'],
    ['quorum: it is reached before the job is divided', three, counts(4, 3, 1, false), 'succeeded'],
    ['quorum: it is not reached yet', three, counts(9, 2, 6), 'go on'],
    ['quorum: it cannot be reached any more', three, counts(9, 1, 7), 'failed'],
    ['quorum: there are less items than it needs', three, counts(2, 1), 'failed'],
    ['quorum: a share is not known before the job is divided', half, counts(4, 4, 0, false), 'go on'],
    ['quorum: half of five is three', half, counts(5, 2), 'go on'],
    ['quorum: half is reached', half, counts(5, 3), 'succeeded'],
    ['deadline: something is open', then, counts(3, 2), 'go on'],
    ['deadline: nothing more can come', then, counts(3, 2, 1), 'succeeded'],
  ];
  for (const [name, rule, each, verdict] of before) {
    it(`${name}: ${verdict}`, () => assert.equal(judgeCompletion(rule, each), verdict));
  }

  const at: typeof before = [
    ['all: what is not done counts as failed', all, counts(3, 2), 'failed'],
    ['all: what is not done is tolerated', some, counts(8, 6, 1), 'succeeded'],
    ['all: it was still divided', some, counts(8, 8, 0, false), 'failed'],
    ['quorum: it was not reached', three, counts(9, 2), 'failed'],
    ['deadline: with what is there', then, counts(9, 2), 'succeeded'],
    ['deadline: more failed than is tolerated', then, counts(9, 2, 2), 'failed'],
  ];
  for (const [name, rule, each, verdict] of at) {
    it(`at the deadline, ${name}: ${verdict}`, () => assert.equal(judgeAtDeadline(rule, each), verdict));
  }
});
