// Changes to how the jobs of fan-outs are divided, worked, counted, gathered and ended.
import { type Mutation, one } from './mutation.ts';

const TURN = 'worker/fan-outs/job-turn.ts';
const ITEMS = 'worker/fan-outs/items-destination.ts';
const SPLIT = 'worker/fan-outs/split-destination.ts';
const GATHER = 'worker/fan-outs/gather-destination.ts';
const RELAY = 'worker/fan-outs/outbox-relay.ts';
const HANDLER = 'worker/fan-outs/outbox-handler.ts';
const COMPLETION = 'worker/fan-outs/completion.ts';

const changes: readonly Mutation[] = [
  one(
    'completion-not-fenced',
    'whoever folds facts writes, wherever the position is',
    'worker/fold/stored-position.ts',
    'const fence = { consumer, partition, after: this.#value, upTo, server: this.#server };',
    'const after = await store.position(scope, consumer, partition);\n    const fence = { consumer, partition, after, upTo };',
  ),
  one('bits-not-checked', 'an item counts as often as it is told', TURN, "if (before === 'succeeded') return;", ''),
  one(
    'cancelled-after-its-end',
    'a job that has ended is cancelled',
    TURN,
    'if (isFinalState(job.state)) return;\n        if (this.#rules.nested',
    'if (this.#rules.nested',
  ),
  one(
    'nothing-reopened',
    'what failed stays failed when it is redriven',
    TURN,
    'job.failed -= this.#bits.reopen();',
    '',
  ),
  one(
    'any-deadline',
    'the deadline of an earlier generation ends the job',
    TURN,
    // The deadline of the job as it is now holds, too: an earlier one that is looked at
    // by both is only set anew.
    "if (generation !== job.generation || (job.state !== 'splitting' && job.state !== 'working')) return;\n    if (at < job.deadlineAt) {",
    "if (job.state !== 'splitting' && job.state !== 'working') return;\n    if (false) {",
    // Jobs that expire, and are told of it a second time when they have been redriven.
    { deadlineMs: 2_000, log: { appendLate: 0.3 }, redrivesWithinMs: 1_000 },
  ),
  one(
    'started-again',
    'a job that begins a second time begins anew',
    TURN,
    'if (job === undefined) this.#start(',
    'this.#start(',
  ),
  one(
    'one-item-early',
    'a job is complete with one item open',
    COMPLETION,
    'if (!split || succeeded + failed < items) return',
    'if (!split || succeeded + failed < items - 1) return',
  ),
  one(
    'complete-before-divided',
    'a job is complete before it is divided',
    COMPLETION,
    'if (!split || succeeded + failed < items) return',
    'if (items === 0 || succeeded + failed < items) return',
  ),
  one(
    'result-not-told',
    'an item is done before its result is durable',
    ITEMS,
    "await tellPatiently(site, place, { kind: 'done', index, result: head }, body, signal);",
    "void tell(site, place, { kind: 'done', index, result: head }, body).catch(() => {});",
  ),
  one(
    'late-items-dropped',
    'items of a failed job are dropped, and missing when it is redriven',
    ITEMS,
    "return status === 'late' ? LATE : status;",
    "return status === 'late' ? { kind: 'done' } : status;",
  ),
  one(
    'page-not-kept',
    'a page is asked for again after it was handed out',
    SPLIT,
    'splitter.repeatable ? lean(ahead, progress) : ahead',
    'lean(ahead, progress)',
  ),
  one(
    'page-skipped',
    'a page counts as handed out before it was',
    SPLIT,
    'const ahead: Progress = { next: from, cursor: page.cursor, end: page.cursor === undefined, kept: page.items };',
    'const ahead: Progress = { next: from + page.items.length, cursor: page.cursor, end: page.cursor === undefined, kept: [] };',
  ),
  one(
    'gathered-from-less',
    'results are gathered from what a store has left that forgot some',
    GATHER,
    'if (count < succeeded + failed) {',
    'if (false) {',
  ),
  one(
    'outbox-entry-done-first',
    'an outbox entry counts as done before it is',
    RELAY,
    'if (entry) await run(entry, partition);\n        await store.apply(',
    'if (entry) run(entry, partition).catch(() => {});\n        await store.apply(',
  ),
  one(
    'end-told-too-early',
    'the end of a job is told from a state that the store has lost since',
    HANDLER,
    'if (!isFinalState(job.state)) throw notThere(nonce);',
    '',
  ),
  one(
    'not-divided-further',
    'a job that was not divided whole is not divided further when it is redriven',
    HANDLER,
    'if (!job.split) await divideAgain(options, scope, place, job);',
    '',
  ),
];

export const fanOutMutations: readonly Mutation[] = changes.map(change => ({
  ...change,
  simulation: 'fan-outs',
}));
