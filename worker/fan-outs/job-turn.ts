// Turns the facts of one step into the changes of one job: its state, items, consequences.
import { eventHeadersOf, type Fact } from '../../core/fan-outs/facts.ts';
import {
  encodeFailedRow,
  encodeFanOutJob,
  encodeWithHead,
  type FailedRow,
  type FanOutJob,
  isFinalState,
} from '../../core/fan-outs/job.ts';
import {
  FAILED_TABLE,
  INPUTS_TABLE,
  itemKeyOf,
  JOBS_BY_TIME,
  JOBS_TABLE,
  OUTCOMES_TABLE,
  RESULTS_TABLE,
} from '../../core/fan-outs/layout.ts';
import { acceptedAtOf, formatJobId } from '../../core/jobs/job-id.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import { judgeAtDeadline, judgeCompletion } from './completion.ts';
import type { ItemBits } from './item-bits.ts';
import { type OutboxEntry, outboxChange } from './outbox.ts';
import type { TurnRules } from './turn-rules.ts';

/** How long a forgotten job is still known, for late facts. */
const GONE_TTL_MS = 7 * 86_400_000;

export class JobTurn {
  readonly #nonce: string;
  readonly #partition: number;
  readonly #rules: TurnRules;
  readonly #bits: ItemBits;
  /** Items that failed before, as far as this step needs them. */
  readonly #failedBefore: Map<number, FailedRow>;
  readonly #now: number;
  readonly #changes: Change[] = [];
  #job: FanOutJob | undefined;
  #changed = false;

  /** `now`: milliseconds since 1970, for timers; all else goes by the times of records. */
  constructor(
    place: { readonly nonce: string; readonly partition: number },
    rules: TurnRules,
    job: FanOutJob | undefined,
    bits: ItemBits,
    failedBefore: Map<number, FailedRow>,
    now: number,
  ) {
    this.#nonce = place.nonce;
    this.#partition = place.partition;
    this.#rules = rules;
    this.#job = job;
    this.#bits = bits;
    this.#failedBefore = failedBefore;
    this.#now = now;
  }

  take(fact: Fact, record: LogRecord): void {
    const job = this.#job;
    if (fact.kind === 'start') {
      if (job === undefined) this.#start(fact, record);
      return;
    }
    // A job that is forgotten, or never began here, takes no more facts.
    if (job === undefined || job.gone) return;
    const at = record.timestamp;
    switch (fact.kind) {
      case 'split':
        this.#split(job, fact.items, fact.done, at);
        return;
      case 'split-failed':
        job.letter = fact.letter;
        this.#changed = true;
        if (job.state !== 'splitting') return;
        this.#fail(job, 'failed', 'split', fact.error, at);
        return;
      case 'done':
        this.#done(job, fact, record);
        return;
      case 'failed':
        this.#failed(job, fact, at);
        return;
      case 'gathered':
        if (job.state !== 'gathering' || fact.generation !== job.generation) return;
        job.result = fact.result;
        this.#put(OUTCOMES_TABLE, this.#nonce, encodeWithHead(fact.result, record.value));
        this.#end(job, 'succeeded', at);
        return;
      case 'gather-failed':
        if (job.state !== 'gathering' || fact.generation !== job.generation) return;
        this.#fail(job, 'failed', 'gather', fact.error, at);
        return;
      case 'cancel':
        if (isFinalState(job.state)) return;
        if (this.#rules.nested !== undefined) this.#send(job, { kind: 'cancel-nested' });
        this.#end(job, 'cancelled', at);
        return;
      case 'redrive':
        this.#redrive(job, fact.indexes, at);
        return;
      case 'deadline':
        this.#deadline(job, fact.generation, at);
        return;
      case 'forget':
        this.#forget(job, fact.generation);
    }
  }

  changes(): Change[] {
    const job = this.#job;
    if (!this.#changed || job === undefined) return [];
    const row: Change = {
      kind: 'put-row',
      table: JOBS_TABLE,
      key: this.#nonce,
      value: encodeFanOutJob(job),
      ...(job.gone ? { ttlMs: GONE_TTL_MS } : { indexes: { [JOBS_BY_TIME]: [job.acceptedAt] } }),
    };
    return [...this.#changes, ...(job.gone ? [] : this.#bits.changes()), row];
  }

  #start({ owner, parent }: Fact & { kind: 'start' }, record: LogRecord): void {
    const job: FanOutJob = {
      id: formatJobId({ partition: this.#partition, offset: record.offset, nonce: this.#nonce }),
      state: 'splitting',
      generation: 0,
      reopened: 0,
      owner,
      ...(parent === undefined ? {} : { parent }),
      acceptedAt: acceptedAtOf(record),
      deadlineAt: record.timestamp + this.#rules.deadlineMs,
      items: 0,
      split: false,
      succeeded: 0,
      failed: 0,
    };
    this.#job = job;
    const headers = eventHeadersOf(record.headers);
    this.#put(INPUTS_TABLE, this.#nonce, encodeWithHead(headers, record.value));
    this.#send(job, { kind: 'split', headers }, record.value);
    this.#awaitDeadline(job);
  }

  #split(job: FanOutJob, items: number, done: boolean, at: number): void {
    this.#changed = true;
    job.items = Math.max(job.items, items);
    if (!done) return;
    job.split = true;
    if (job.state === 'splitting') job.state = 'working';
    this.#judgeCompletion(job, at);
  }

  #done(job: FanOutJob, { index, result }: Fact & { kind: 'done' }, record: LogRecord): void {
    if (job.state === 'succeeded' || job.state === 'cancelled') return;
    const before = this.#bits.get(index);
    if (before === 'succeeded') return;
    const key = itemKeyOf(this.#nonce, index);
    this.#put(RESULTS_TABLE, key, encodeWithHead(result, record.value));
    this.#count(job, index, 'succeeded');
    if (before === 'failed') job.failed--;
    if (before === 'failed' || job.generation > 0) this.#changes.push({ kind: 'delete-row', table: FAILED_TABLE, key });
    // The process that redrove the item may have died before it told the job.
    const isRedriven = before === 'failed' && job.failedIn === 'items';
    if (isRedriven && judgeCompletion(this.#rules.completion, job) === 'succeeded') this.#reopen(job);
    this.#judgeCompletion(job, record.timestamp);
  }

  #failed(job: FanOutJob, { index, error, letter }: Fact & { kind: 'failed' }, at: number): void {
    if (job.state === 'succeeded' || job.state === 'cancelled') return;
    const state = this.#bits.get(index);
    const before = this.#failedBefore.get(index);
    // The fact is a repeat, or of an attempt from before the redrive.
    if (state === 'succeeded' || (before && before.letter.generation >= letter.generation)) return;
    const row: FailedRow = { error, letter, at, generation: job.generation };
    this.#failedBefore.set(index, row);
    this.#put(FAILED_TABLE, itemKeyOf(this.#nonce, index), encodeFailedRow(row));
    if (state === 'failed') return;
    this.#count(job, index, 'failed');
    this.#judgeCompletion(job, at);
  }

  #count(job: FanOutJob, index: number, state: 'succeeded' | 'failed'): void {
    this.#bits.set(index, state);
    job[state]++;
    // Items go out in order, and one may end before the job is told of its page.
    job.items = Math.max(job.items, index + 1);
  }

  #redrive(job: FanOutJob, indexes: readonly number[] | undefined, at: number): void {
    if (job.state !== 'failed' && job.state !== 'expired') return;
    const { failedIn } = job;
    this.#reopen(job);
    if (failedIn === 'gather') {
      job.state = 'gathering';
      this.#send(job, { kind: 'gather' });
      return;
    }
    if (indexes === undefined) {
      job.failed -= this.#bits.reopen();
      job.reopened = job.generation;
    } else job.failed -= this.#bits.reopenThese(indexes);
    job.deadlineAt = at + this.#rules.deadlineMs;
    this.#awaitDeadline(job);
    this.#send(job, { kind: 'redrive', all: indexes === undefined });
    this.#judgeCompletion(job, at);
  }

  #reopen(job: FanOutJob): void {
    job.generation++;
    job.state = job.split ? 'working' : 'splitting';
    job.error = undefined;
    job.failedIn = undefined;
    job.finishedAt = undefined;
    this.#changes.push({ kind: 'cancel-timer', timer: `forget/${this.#nonce}` });
  }

  #deadline(job: FanOutJob, generation: number, at: number): void {
    if (generation !== job.generation || (job.state !== 'splitting' && job.state !== 'working')) return;
    if (at < job.deadlineAt) {
      this.#awaitDeadline(job, job.deadlineAt - at);
    } else if (judgeAtDeadline(this.#rules.completion, job) === 'succeeded') {
      this.#complete(job, at);
    } else {
      const open = job.split ? `${job.items - job.succeeded - job.failed} items were not done` : 'it was still divided';
      this.#fail(job, 'expired', 'items', { message: `The deadline passed while ${open}.` }, at);
    }
  }

  #forget(job: FanOutJob, generation: number): void {
    if (generation !== job.generation || !isFinalState(job.state)) return;
    job.gone = true;
    this.#send(job, { kind: 'sweep' });
  }

  #judgeCompletion(job: FanOutJob, at: number): void {
    this.#changed = true;
    if (job.state !== 'splitting' && job.state !== 'working') return;
    const verdict = judgeCompletion(this.#rules.completion, job);
    if (verdict === 'succeeded') this.#complete(job, at);
    if (verdict !== 'failed') return;
    const message = `${job.failed} of ${job.items} items were given up, and ${job.succeeded} succeeded: too few.`;
    this.#fail(job, 'failed', 'items', { message }, at);
  }

  #complete(job: FanOutJob, at: number): void {
    if (!this.#rules.gathers) {
      this.#end(job, 'succeeded', at);
      return;
    }
    job.state = 'gathering';
    this.#changes.push({ kind: 'cancel-timer', timer: `deadline/${this.#nonce}` });
    this.#send(job, { kind: 'gather' });
  }

  #fail(
    job: FanOutJob,
    state: 'failed' | 'expired',
    failedIn: FanOutJob['failedIn'],
    error: FailedRow['error'],
    at: number,
  ): void {
    job.error = error;
    job.failedIn = failedIn;
    this.#end(job, state, at);
  }

  #end(job: FanOutJob, state: FanOutJob['state'], at: number): void {
    job.state = state;
    job.finishedAt = at;
    this.#changes.push(
      { kind: 'cancel-timer', timer: `deadline/${this.#nonce}` },
      this.#timer('forget', job, this.#rules.ttlMs),
    );
    this.#send(job, { kind: 'ended' });
  }

  /** A clock behind the log's makes it no longer. One ahead fires early, and waits again. */
  #awaitDeadline(job: FanOutJob, inMs = Math.min(job.deadlineAt - this.#now, this.#rules.deadlineMs)): void {
    this.#changes.push(this.#timer('deadline', job, Math.max(0, inMs)));
    this.#changed = true;
  }

  #timer(name: 'deadline' | 'forget', { generation }: FanOutJob, inMs: number): Change {
    const payload = JSON.stringify({ kind: name, nonce: this.#nonce, generation });
    return { kind: 'set-timer', timer: `${name}/${this.#nonce}`, inMs, payload };
  }

  #send({ generation }: FanOutJob, entry: OutboxEntry, body?: Uint8Array): void {
    this.#changed = true;
    this.#changes.push(outboxChange(this.#nonce, generation, entry, body));
  }

  #put(table: string, key: string, value: Uint8Array | string): void {
    this.#changed = true;
    this.#changes.push({ kind: 'put-row', table, key, value });
  }
}
