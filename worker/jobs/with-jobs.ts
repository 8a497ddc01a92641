// Keeps the state of a queue's jobs around the calls. A final state is durable before the
// dispatcher learns of it.
import { ONCE_HEADER } from '../../core/jobs/job-id.ts';
import { type JobRow, onceScopeOf } from '../../core/jobs/job-row.ts';
import { type JobSignals, jobSignalOf } from '../../core/jobs/job-signals.ts';
import type { Timer, World } from '../../core/world.ts';
import type { Reminders } from '../../drivers/store/reminders.ts';
import type { Store } from '../../drivers/store/store.ts';
import type { DeliveryItem, Destination, Outcome } from '../deliver/destination.ts';
import { errorToOutcome } from '../deliver/to-outcome.ts';
import type { JobEnds } from './job-ends.ts';
import { baseRow, CANCELLED, type Job, jobOf } from './job-of.ts';
import type { JobRows } from './job-rows.ts';
import { createLeftToLater, type LeftToLaterOptions } from './left-to-later.ts';

export interface JobsOptions extends LeftToLaterOptions {
  readonly world: World;
  readonly store: Pick<Store, 'get' | 'put'>;
  readonly reminders: Reminders;
  readonly namespace: string;
  readonly queue: string;
  readonly rows: JobRows;
  readonly ends: JobEnds;
  readonly signals: JobSignals;
}

/** A job that is done sooner is never seen running, which saves most jobs a write. */
const RUNNING_AFTER_MS = 100;
/** How often a running job checks whether somebody elsewhere has cancelled it. */
const LOOK_MS = 2_000;

type Done = Outcome & { readonly kind: 'done' };

/** One job of a call. */
interface Run {
  readonly item: DeliveryItem;
  readonly job: Job | undefined;
  readonly startedAt: number;
  cancelled: boolean;
  /** Its row says that it runs. */
  shown: boolean;
}

const NOTHING_SAID: Outcome = { kind: 'failed', retryable: true, error: { message: 'Nothing was said of the job.' } };

export function withJobs(inner: Destination, options: JobsOptions): Destination {
  return new JobsDestination(inner, options);
}

class JobsDestination implements Destination {
  readonly label: string;
  readonly #inner: Destination;
  readonly #options: JobsOptions;
  readonly #left: ReturnType<typeof createLeftToLater>;

  constructor(inner: Destination, options: JobsOptions) {
    this.label = inner.label;
    this.#inner = inner;
    this.#options = options;
    this.#left = createLeftToLater(options);
  }

  async deliver(items: readonly DeliveryItem[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const startedAt = this.#options.world.now();
    const runs = items.map(
      (item): Run => ({ item, job: jobOf(item.partition, item.record), startedAt, cancelled: false, shown: false }),
    );
    const withheld = await Promise.all(runs.map(run => this.#withheld(run)));
    const going = runs.filter((_, index) => withheld[index] === undefined);
    const outcomes = going.length === 0 ? [] : await this.#deliverWatched(going, signal);
    let next = 0;
    return withheld.map(outcome => outcome ?? outcomes[next++] ?? NOTHING_SAID);
  }

  async #deliverWatched(runs: readonly Run[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const cancel = new AbortController();
    const watch = new Watch(this.#options, runs, () => cancel.abort(new Error(CANCELLED)));
    const outcomes = await this.#inner.deliver(
      runs.map(({ item }) => item),
      AbortSignal.any([signal, cancel.signal]),
    );
    // A row that says "running" must not come after one that says how the job ended.
    await watch.end();
    return Promise.all(runs.map((run, index) => this.#settle(run, outcomes[index] ?? NOTHING_SAID, signal)));
  }

  /** Undefined when the job is to be worked on, otherwise its outcome. */
  async #withheld(run: Run): Promise<Outcome | undefined> {
    return (run.job && (await this.#left.of(run.item, run.job))) ?? this.#repeated(run);
  }

  /** Undefined when this record is the one to work on, otherwise its outcome. */
  async #repeated(run: Run): Promise<Outcome | undefined> {
    const { store, reminders, namespace, queue, rows } = this.#options;
    const window = run.item.record.headers[ONCE_HEADER];
    if (run.job === undefined || window === undefined) return undefined;
    const { id, text } = run.job;
    const ttlMs = Math.min(Math.max(1, Number(window) || 1), 365 * 86_400_000);
    const scope = onceScopeOf(namespace, queue, id.nonce);
    const claimFor = (owner: string, leftMs: number) =>
      store.put(scope, id.nonce, owner, { ttlMs: leftMs, when: 'absent' });
    try {
      const outcome = await claimFor(text, ttlMs);
      const worked = outcome.written || !outcome.entry ? text : Buffer.from(outcome.entry.value).toString();
      // The store is reminded of a claim that is met, too: its owner may be gone, or be this
      // process, to which no answer came.
      reminders.remember(worked.length, async agoMs => {
        if (agoMs < ttlMs) await claimFor(worked, ttlMs - agoMs);
      });
      if (worked === text) return undefined;
      await rows.write(id, { ...baseRow(run.job), state: 'succeeded', attempts: 0, sameAs: worked });
      return { kind: 'done' };
    } catch (error) {
      return errorToOutcome(error);
    }
  }

  async #settle(run: Run, outcome: Outcome, signal: AbortSignal): Promise<Outcome> {
    const { job, item, startedAt } = run;
    if (job === undefined) return outcome;
    const row = { ...baseRow(job), attempts: item.attempt, startedAt };
    if (outcome.kind === 'done') return this.#succeeded(job, row, outcome, signal);
    if (run.cancelled) return { kind: 'failed', retryable: false, cancelled: true, error: { message: CANCELLED } };
    const nextAt = outcome.kind === 'later' ? this.#options.world.now() + outcome.afterMs : undefined;
    // A job that is given up gets its last state when its dead letter is written. A job that was
    // never seen to begin waits as before.
    if (
      (outcome.kind === 'failed' && !outcome.retryable) ||
      (outcome.kind === 'later' && item.attempt === 1 && !run.shown)
    )
      return outcome;
    await note(this.#options, job, { ...row, state: 'waiting', nextAt, error: outcome.error });
    return outcome;
  }

  async #succeeded(job: Job, row: Omit<JobRow, 'state'>, outcome: Done, signal: AbortSignal): Promise<Outcome> {
    const settled = await this.#options.ends.succeeded(job, row, outcome, signal);
    if (settled.kind !== 'done') this.#left.unwritten(job);
    return settled;
  }
}

/**
 * The jobs of one call while it goes on: shows that they run, and looks whether one was cancelled.
 */
class Watch {
  readonly #options: JobsOptions;
  readonly #runs: readonly Run[];
  /** The only job of the call: jobs of a batch cannot be cancelled each by itself. */
  readonly #only: Run | undefined;
  readonly #cancel: () => void;
  readonly #deaf: (() => void) | undefined;
  readonly #notes: Promise<void>[] = [];
  #timer: Timer;
  #ended = false;

  constructor(options: JobsOptions, runs: readonly Run[], cancel: () => void) {
    const { world, namespace, queue, signals } = options;
    const [first] = runs;
    this.#options = options;
    this.#runs = runs;
    this.#only = runs.length === 1 && first?.job ? first : undefined;
    this.#cancel = cancel;
    const job = this.#only?.job;
    this.#deaf = job && signals.cancelled.listen(jobSignalOf(namespace, queue, job.text), () => this.#cancelled());
    this.#timer = world.after(RUNNING_AFTER_MS, () => this.#show());
  }

  /** Resolves when it writes nothing any more. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#timer.cancel();
    this.#deaf?.();
    await Promise.all(this.#notes);
  }

  #show(): void {
    this.#lookLater();
    for (const run of this.#runs) {
      const { job, item, startedAt } = run;
      if (job === undefined) continue;
      run.shown = true;
      const row: JobRow = { ...baseRow(job), state: 'running', attempts: item.attempt, startedAt };
      this.#notes.push(note(this.#options, job, row));
    }
  }

  #lookLater(): void {
    const { world, rows } = this.#options;
    this.#timer = world.after(LOOK_MS, () => {
      this.#lookLater();
      const job = this.#only?.job;
      if (job === undefined) return;
      rows.isCancelled(job.id).then(
        found => (found ? this.#cancelled() : undefined),
        () => {},
      );
    });
  }

  #cancelled(): void {
    if (this.#ended || !this.#only) return;
    this.#only.cancelled = true;
    this.#cancel();
  }
}

/** The job goes on without it; only the shown state is older. */
async function note({ rows, signals, namespace, queue }: JobsOptions, job: Job, row: JobRow): Promise<void> {
  try {
    await rows.write(job.id, row);
    signals.changed.tell(jobSignalOf(namespace, queue, job.text));
  } catch {
    // The next state is written anew.
  }
}
