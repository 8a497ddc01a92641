// What the story of a FanOut's job must say at any moment: by a count of the rows that are kept of
// its items, and by all that was ever written to the parking logs of its parts.

import { FAILED_TABLE, JOBS_TABLE, OUTCOMES_TABLE, RESULTS_TABLE } from '../../../core/fan-outs/layout.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { FanOutSettings } from '../../../worker/fan-outs/fan-out-settings.ts';
import { ENDED } from '../fan-outs/own.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import type { StoredRecord } from '../log/partition-log.ts';
import type { SimulatedState } from '../store/simulated-state.ts';
import { type ModelEntry, ofError, StoryModel } from './story-model.ts';

/** A job, and the id by which its story is asked for. */
export interface AskedJob {
  readonly nonce: string;
  readonly partition: number;
  readonly id: string;
  /** When the log took the first record of it, milliseconds since 1970. */
  readonly acceptedAt: number;
}

/** A story has been read in so many steps. Between two of them all may have moved. */
export const PARTS = ['job', 'kept', 'failed', 'splits', 'items', 'gathers', 'ends'] as const;
export type Part = (typeof PARTS)[number];
/** The texts of all that is told of a part, in their order. */
export type Parts = Readonly<Record<Part, readonly string[]>>;

interface Waiting {
  readonly partition: number;
  readonly record: StoredRecord;
  readonly entry: ModelEntry;
}

/** As they are stored. */
interface JobRow {
  readonly id: string;
  readonly state: string;
  readonly generation: number;
  readonly reopened: number;
  readonly acceptedAt: number;
  readonly deadlineAt: number;
  readonly finishedAt?: number;
  readonly items: number;
  readonly split: boolean;
  readonly error?: object;
  readonly result?: { readonly status: number; readonly contentType?: string };
}

interface ItemRow {
  readonly error: object;
  readonly generation: number;
  readonly letter: {
    readonly partition: number;
    readonly offset: number;
    readonly attempts: number;
    readonly reason: string;
  };
}

const WORK = ['splits', 'items', 'gathers'] as const;

export class FanOutStoryModel {
  readonly #broker: SimulatedBroker;
  readonly #state: SimulatedState;
  readonly #settings: FanOutSettings;
  readonly #models: Readonly<Record<(typeof WORK)[number], StoryModel>>;
  #changes = 0;

  constructor(broker: SimulatedBroker, state: SimulatedState, settings: FanOutSettings) {
    const { splits, items, gathers } = settings.layout;
    this.#broker = broker;
    this.#state = state;
    this.#settings = settings;
    this.#models = {
      splits: new StoryModel(broker, splits, splits),
      items: new StoryModel(broker, items, items),
      gathers: new StoryModel(broker, gathers, gathers),
    };
    state.watches.push(() => {
      this.#changes++;
    });
  }

  /** Another one after each change of what could be told. */
  get version(): string {
    return `${this.#changes} ${this.#state.server} ${this.#models.items.versionOf(0)}`;
  }

  /** By what is written now. */
  partsOf(job: AskedJob): Parts {
    const scope = this.#settings.layout.scopeOf(job.partition);
    const text = this.#state.row(scope, JOBS_TABLE, job.nonce);
    const row: JobRow | undefined = text === undefined ? undefined : JSON.parse(text);
    const failed = row === undefined ? [] : this.#failedOf(scope, job.nonce, row);
    const [splits, items, gathers] = WORK.map(part => this.#waitingIn(part, job.nonce)) as [
      Waiting[],
      Waiting[],
      Waiting[],
    ];
    return {
      job: [row === undefined ? queuedText(job) : this.#jobText(scope, job.nonce, row, failed.length)],
      kept: row === undefined ? [] : this.#keptOf(scope, job.nonce, row),
      failed,
      splits: splits.slice(0, 1).map(each => this.#taskText(each, splits)),
      items: items.map(each => itemText(each, items)).toSorted(),
      gathers: gathers.slice(0, 1).map(each => this.#taskText(each, gathers)),
      ends: row === undefined ? [] : this.#endsOf(row),
    };
  }

  #jobText(scope: string, nonce: string, row: JobRow, failed: number): string {
    const { id, state, items: total, split: divided, generation, error } = row;
    const succeeded = this.#rowsOf(scope, RESULTS_TABLE, nonce).length;
    const open = total - succeeded - failed;
    const [acceptedAt, end] = [toTimestamp(row.acceptedAt), toTimestamp(row.finishedAt ?? row.deadlineAt)];
    const items = { total, succeeded, failed, open, divided };
    return jobText({ id, state, items, redriven: generation, acceptedAt, end, error });
  }

  #keptOf(scope: string, nonce: string, { finishedAt, result }: JobRow): string[] {
    const outcome = this.#state.bytes(scope, OUTCOMES_TABLE, nonce);
    const until = finishedAt === undefined ? [] : [toTimestamp(finishedAt + this.#settings.rules.ttlMs)];
    if (result === undefined || outcome === undefined) return until;
    const { status, contentType } = result;
    // Its head is one line.
    const bytes = outcome.length - outcome.indexOf('\n') - 1;
    return [...until, JSON.stringify({ status, contentType, bytes })];
  }

  /** What an earlier attempt of the job has given up is being tried again. */
  #failedOf(scope: string, nonce: string, { reopened }: JobRow): string[] {
    return this.#rowsOf(scope, FAILED_TABLE, nonce)
      .map(([key, text]) => ({ index: Number(key.slice(key.indexOf('/') + 1)), row: JSON.parse(text) as ItemRow }))
      .filter(({ row }) => row.generation >= reopened)
      .map(({ index, row: { error, letter } }) => {
        const { partition, offset, attempts, reason } = letter;
        return failedText({ index, reason, attempts, error, letter: `${partition}-${offset}` });
      })
      .toSorted();
  }

  #rowsOf(scope: string, table: string, nonce: string): [string, string][] {
    return this.#state.rowsOf(scope, table).filter(([key]) => key.startsWith(`${nonce}/`));
  }

  /** In the order of the log. What is on its way to the dead letters does not wait. */
  #waitingIn(part: (typeof WORK)[number], nonce: string): Waiting[] {
    const logs = this.#broker.partitions(this.#settings.layout[part]) ?? [];
    return logs.flatMap((log, partition) =>
      [...this.#models[part].entriesIn(partition)]
        .filter(([, { state }]) => state !== 'dead')
        .map(([offset, entry]) => ({ partition, entry, record: recordAt(log.history, offset) }))
        .filter(({ record: { headers } }) => headers['tenfold-job'] === nonce)
        .toSorted((one, other) => one.record.offset - other.record.offset),
    );
  }

  #taskText(task: Waiting, all: readonly Waiting[]): string {
    const { state, attempts, since, at, generation, error } = task.entry;
    const head = headOf(task, all);
    if (head !== task) throw new Error('the first task of a job waits for another one');
    const [next, redriven] = [toTimestamp(at), generation === 0 ? undefined : generation];
    return taskText({
      fate: state,
      attempts,
      since: toTimestamp(since),
      nextAttemptAt: next,
      redriven,
      ...ofError(error),
    });
  }

  #endsOf({ id, finishedAt, generation }: JobRow): string[] {
    if (finishedAt === undefined && generation === 0) return [];
    const logs = this.#broker.partitions(ENDED) ?? [];
    return logs
      .flatMap(({ history }, partition) =>
        history.filter(({ key }) => key === id).map(({ offset }) => `${partition}-${offset}`),
      )
      .toSorted();
  }
}

/** Members of these in one order each, as both the model and the asker make the texts of parts. */
export function jobText(job: {
  readonly id: string;
  readonly state: string;
  readonly items: {
    readonly total: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly open: number;
    readonly divided: boolean;
  };
  readonly redriven: number;
  readonly acceptedAt: string;
  /** When it has ended or, before that, must. */
  readonly end: string | undefined;
  readonly error: object | undefined;
}): string {
  const { id, state, items, redriven, acceptedAt, end, error } = job;
  const { total, succeeded, failed, open, divided } = items;
  return JSON.stringify([id, state, total, succeeded, failed, open, divided, redriven, acceptedAt, end, error]);
}

type FailedMembers = 'index' | 'reason' | 'attempts' | 'error' | 'letter';

export function failedText(item: Readonly<Partial<Record<FailedMembers, unknown>>>): string {
  const { index, reason, attempts, error, letter } = item;
  return JSON.stringify([index, reason, attempts, error, letter]);
}

type TaskMembers = 'fate' | 'attempts' | 'since' | 'nextAttemptAt' | 'redriven' | 'error' | 'status';

export function taskText(task: Readonly<Partial<Record<TaskMembers, unknown>>>): string {
  const { fate, attempts, since, nextAttemptAt, redriven, error, status } = task;
  return JSON.stringify([fate, attempts, since, nextAttemptAt, redriven, error, status]);
}

type ItemMembers = 'index' | 'attempts' | 'behind' | 'nextAttemptAt' | 'error' | 'status';

export function parkedText(item: Readonly<Partial<Record<ItemMembers, unknown>>>): string {
  const { index, attempts, behind, nextAttemptAt, error, status } = item;
  return JSON.stringify([index, attempts, behind, nextAttemptAt, error, status]);
}

function queuedText({ id, acceptedAt }: AskedJob): string {
  const items = { total: 0, succeeded: 0, failed: 0, open: 0, divided: false };
  const at = toTimestamp(acceptedAt);
  return jobText({ id, state: 'queued', items, redriven: 0, acceptedAt: at, end: undefined, error: undefined });
}

function itemText(item: Waiting, all: readonly Waiting[]): string {
  const { attempts, at, error } = item.entry;
  const head = headOf(item, all);
  const waits =
    head === item ? { nextAttemptAt: toTimestamp(at) } : { behind: `${item.partition}-${head.record.offset}` };
  return parkedText({ index: Number(item.record.headers['tenfold-index']), attempts, ...waits, ...ofError(error) });
}

/** Only a job's own items and tasks have its key. */
function headOf(item: Waiting, all: readonly Waiting[]): Waiting {
  const { partition, record } = item;
  if (record.key === null) return item;
  return all.find(each => each.partition === partition && each.record.key === record.key) ?? item;
}

function recordAt(history: readonly StoredRecord[], offset: number): StoredRecord {
  const found = history.find(record => record.offset === offset);
  if (found === undefined) throw new Error(`what is parked at ${offset} was never there`);
  return found;
}
