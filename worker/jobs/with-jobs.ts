// Keeps the state of a queue's jobs around the calls. A final state is durable before the
// dispatcher learns of it.
import { ONCE_HEADER } from '../../core/jobs/job-id.ts';
import { type JobRow, onceScopeOf } from '../../core/jobs/job-row.ts';
import { type JobSignals, jobSignalOf } from '../../core/jobs/job-signals.ts';
import type { Timer, World } from '../../core/world.ts';
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

export function withJobs(inner: Destination, options: JobsOptions): Destination {
  const { world, store, namespace, queue, rows, ends, signals } = options;
  const left = createLeftToLater(options);

  /** Undefined when this record is the one to work on, otherwise its outcome. */
  const repeated = async (run: Run): Promise<Outcome | undefined> => {
    const window = run.item.record.headers[ONCE_HEADER];
    if (run.job === undefined || window === undefined) return undefined;
    const { id, text } = run.job;
    const ttlMs = Math.min(Math.max(1, Number(window) || 1), 365 * 86_400_000);
    const scope = onceScopeOf(namespace, queue, id.nonce);
    try {
      const outcome = await store.put(scope, id.nonce, text, { ttlMs, when: 'absent' });
      const worked = outcome.written || !outcome.entry ? text : Buffer.from(outcome.entry.value).toString();
      if (worked === text) return undefined;
      await rows.write(id, { ...baseRow(run.job), state: 'succeeded', attempts: 0, sameAs: worked });
      return { kind: 'done' };
    } catch (error) {
      return errorToOutcome(error);
    }
  };

  /** Undefined when the job is to be worked on. */
  const withheld = async (run: Run): Promise<Outcome | undefined> =>
    (run.job && (await left.of(run.item, run.job))) ?? repeated(run);

  const succeeded = async (job: Job, row: Omit<JobRow, 'state'>, outcome: Done, signal: AbortSignal) => {
    const settled = await ends.succeeded(job, row, outcome, signal);
    if (settled.kind !== 'done') left.unwritten(job);
    return settled;
  };

  const settle = async (run: Run, outcome: Outcome, signal: AbortSignal): Promise<Outcome> => {
    const { job, item, startedAt } = run;
    if (job === undefined) return outcome;
    const row = { ...baseRow(job), attempts: item.attempt, startedAt };
    if (outcome.kind === 'done') return succeeded(job, row, outcome, signal);
    if (run.cancelled) return { kind: 'failed', retryable: false, cancelled: true, error: { message: CANCELLED } };
    const nextAt = outcome.kind === 'later' ? world.now() + outcome.afterMs : undefined;
    // A job that is given up gets its last state when its dead letter is written. A job that was
    // never seen to begin waits as before.
    if (
      (outcome.kind === 'failed' && !outcome.retryable) ||
      (outcome.kind === 'later' && item.attempt === 1 && !run.shown)
    )
      return outcome;
    await note(job, { ...row, state: 'waiting', nextAt, error: outcome.error });
    return outcome;
  };

  /** The job goes on without it; only the shown state is older. */
  const note = async (job: Job, row: JobRow): Promise<void> => {
    try {
      await rows.write(job.id, row);
      signals.changed.tell(jobSignalOf(namespace, queue, job.text));
    } catch {
      // The next state is written anew.
    }
  };

  const watch = (runs: readonly Run[], cancel: () => void) => {
    const pending: Promise<void>[] = [];
    let ended = false;
    let timer: Timer | undefined;
    const [only] = runs;
    const job = runs.length === 1 ? only?.job : undefined;
    const asked = () => {
      if (ended || !only) return;
      only.cancelled = true;
      cancel();
    };
    const deaf = job && signals.cancelled.listen(jobSignalOf(namespace, queue, job.text), asked);
    const look = () => {
      timer = world.after(LOOK_MS, () => {
        look();
        if (job)
          rows.isCancelled(job.id).then(
            found => (found ? asked() : undefined),
            () => {},
          );
      });
    };
    timer = world.after(RUNNING_AFTER_MS, () => {
      look();
      for (const run of runs) {
        const { job: each, item, startedAt } = run;
        if (each === undefined) continue;
        run.shown = true;
        pending.push(note(each, { ...baseRow(each), state: 'running', attempts: item.attempt, startedAt }));
      }
    });
    return async () => {
      ended = true;
      timer?.cancel();
      deaf?.();
      await Promise.all(pending);
    };
  };

  return {
    label: inner.label,
    async deliver(items, signal) {
      const startedAt = world.now();
      const runs = items.map(
        (item): Run => ({ item, job: jobOf(item.partition, item.record), startedAt, cancelled: false, shown: false }),
      );
      const repeats = await Promise.all(runs.map(withheld));
      const going = runs.filter((_, index) => repeats[index] === undefined);
      const outcomes = going.length === 0 ? [] : await deliverWatched(going, signal);
      let next = 0;
      return repeats.map(repeat => repeat ?? outcomes[next++] ?? NOTHING_SAID);
    },
  };

  async function deliverWatched(runs: readonly Run[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const cancel = new AbortController();
    const end = watch(runs, () => cancel.abort(new Error(CANCELLED)));
    const outcomes = await inner.deliver(
      runs.map(({ item }) => item),
      AbortSignal.any([signal, cancel.signal]),
    );
    // A row that says "running" must not come after one that says how the job ended.
    await end();
    return Promise.all(runs.map((run, index) => settle(run, outcomes[index] ?? NOTHING_SAID, signal)));
  }
}

const NOTHING_SAID: Outcome = { kind: 'failed', retryable: true, error: { message: 'Nothing was said of the job.' } };
