// Turns the records of an internal topic into changes of state. Each step is written together with
// the position it came from.
import { TenfoldError } from '../../core/errors.ts';
import { every } from '../../core/retry/every.ts';
import { isOfLaterRelease } from '../../core/stored-version.ts';
import type { World } from '../../core/world.ts';
import type { EventLog, LogRecord, ReadLimits } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Store } from '../../drivers/store/store.ts';
import { isPoison } from './poison.ts';
import { readAhead } from './read-ahead.ts';
import { REPEATS_DIVIDED, Repeats } from './repeats.ts';
import { Seen, seenChanges } from './seen.ts';
import { markOf, type SourceMark } from './source-mark.ts';
import { type Stage, type StageObserver, type StageWork, startStage } from './stage.ts';

export type IsRepeat = (record: LogRecord) => boolean;

export interface FoldSettings {
  readonly group: string;
  /** The internal topic. */
  readonly topic: string;
  /** The consumer whose positions these are in the store. */
  readonly consumer: string;
  /**
   * The scope that keeps the state of a partition. Each partition has its own, which nothing else
   * writes to.
   */
  scopeOf(partition: number): string;
  /**
   * Turns records, none of them seen before, into changes in their order. It may read the scope.
   * Its result must depend on the scope and the records only, as it is called again after a
   * failure. `isRepeat`: whether an event was published, and counted, before. Call it once for each
   * record that would be counted, in their order.
   */
  toChanges(records: readonly LogRecord[], scope: string, isRepeat: IsRepeat): Promise<readonly Change[]>;
  /**
   * Sets an unusable record aside. Resolves once that is durable; called at least once for each.
   */
  refused(partition: number, record: LogRecord, error: unknown): Promise<void>;
  /** Largest batch that is folded in one step. */
  readonly limits?: ReadLimits;
  readonly upkeep?: Upkeep | undefined;
  /**
   * True for records that come from many writers and have no mark. Then `toChanges` itself must
   * recognise repeats.
   */
  readonly unmarked?: boolean;
  /** Called after each step with its records. Must not throw and must be quick. */
  applied?(partition: number, records: readonly LogRecord[]): void;
}

/** Changes that time alone makes. */
export interface Upkeep {
  readonly everyMs: number;
  /**
   * Asked and applied again until there are none, and applied only at the position at which they
   * were asked. A step that had read the scope before may write over them, so they must be found
   * again then.
   */
  toChanges(scope: string): Promise<readonly Change[]>;
}

export type FoldStore = Pick<Store, 'apply' | 'position' | 'scan' | 'server'>;

export interface FoldOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly store: FoldStore;
  readonly settings: FoldSettings;
  readonly observer: StageObserver;
}

const MOVED = 'The position in the store is another one.';

interface Item {
  readonly record: LogRecord;
  readonly mark: SourceMark | undefined;
}

/** The position in the log is for people and for trimming; the one in the store counts. */
const COMMIT_EVERY_MS = 1_000;
/** How soon the fold notices a store that has lost its newest changes while no events come. */
const CHECK_EVERY_MS = 5_000;
/** Steps of upkeep in a row before records get their turn. */
const UPKEEP_STEPS = 20;

export async function startFold(options: FoldOptions): Promise<Stage> {
  const { world, log, settings, observer } = options;
  const { group, topic } = settings;
  if ((await log.bounds(topic)) === undefined)
    throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  return startStage({ world, log, group, topic, observer, work: work => fold(options, work) });
}

async function fold({ world, store, settings, observer }: FoldOptions, work: StageWork): Promise<string> {
  const moved = new AbortController();
  const ended = new AbortController();
  const signal = AbortSignal.any([work.signal, moved.signal]);
  const { owned, state, totals } = work;
  const { partition } = owned;
  const { consumer } = settings;
  const scope = settings.scopeOf(partition);
  // This comes first. Data of one server must never be written to another, which may have forgotten
  // it and stand at the same position.
  const server = await store.server(scope);
  let position = await store.position(scope, consumer, partition);
  // This comes after the position. The seen marks may be newer than the position, and then the
  // first step is refused; they are never older.
  const seen = await Seen.load(store, scope);
  let repeats = await Repeats.load(store, scope, REPEATS_DIVIDED);
  signal.throwIfAborted();
  state.position = position ?? 0;
  let committedAt = world.monotonic();

  /**
   * Makes one step of the items, or several where they are too large for one. False: another owner
   * has moved the position.
   */
  const step = async (items: readonly Item[], upTo: number): Promise<boolean> => {
    signal.throwIfAborted();
    let repeated = 0;
    const isRepeat = (record: LogRecord) => {
      const mark = markOf(record);
      const isOne = mark !== undefined && repeats.isRepeat(record, mark);
      if (isOne) repeated++;
      return isOne;
    };
    try {
      const changes = items.length === 0 ? [] : await settings.toChanges(recordsOf(items), scope, isRepeat);
      const all = [...changes, ...seenChanges(items.flatMap(({ mark }) => mark ?? [])), ...repeats.changes()];
      signal.throwIfAborted();
      const outcome = await store.apply(scope, all, { consumer, partition, after: position, upTo, server });
      if (!outcome.applied) return false;
      position = upTo;
      totals.repeated += repeated;
      if (items.length > 0) settings.applied?.(partition, recordsOf(items));
      return true;
    } catch (error) {
      const [first] = items;
      const isLater = isOfLaterRelease(error);
      if (!(isPoison(error) || isLater) || first === undefined) throw error;
      repeats = await Repeats.load(store, scope, REPEATS_DIVIDED);
      if (items.length > 1) {
        const middle = items.length >> 1;
        const between = items[middle]?.record.offset ?? upTo;
        return (await step(items.slice(0, middle), between)) && step(items.slice(middle), upTo);
      }
      // Records before it are folded. From it on all wait for a process of that release.
      if (isLater) throw error;
      await settings.refused(partition, first.record, error);
      totals.refused++;
      observer.refused(partition, first.record, error);
      return step([], upTo);
    }
  };

  const { upkeep } = settings;
  let keptAt = world.monotonic();
  const keepUp = async () => {
    if (upkeep === undefined || position === undefined || world.monotonic() - keptAt < upkeep.everyMs) return;
    keptAt = world.monotonic();
    for (let made = 0; made < UPKEEP_STEPS; made++) {
      const at: number = position;
      const changes = await upkeep.toChanges(scope);
      if (changes.length === 0 || position !== at) return;
      signal.throwIfAborted();
      // A refusal: a step was made meanwhile, here or by another owner. The next step finds that
      // out.
      if (!(await store.apply(scope, changes, { consumer, partition, after: at, upTo: at, server })).applied) return;
    }
    keptAt = Number.NEGATIVE_INFINITY;
  };

  let busy = false;
  const check = async () => {
    const known = position;
    if (busy) return;
    const stored = await store.position(scope, consumer, partition).catch(() => known);
    if (!busy && position === known && stored !== known) moved.abort(new Error(MOVED));
  };
  every(CHECK_EVERY_MS, check, { world, signal: ended.signal }).catch(() => undefined);
  const keepUpIdle = async () => {
    if (!busy) await keepUp().catch(error => signal.aborted || observer.trouble(partition, error));
  };
  // A round that came before its time would do nothing, and the next one would be late.
  if (upkeep) every((upkeep.everyMs * 4) / 3, keepUpIdle, { world, signal: ended.signal }).catch(() => undefined);

  try {
    for await (const { records, next } of readAhead(
      { ...work, signal },
      settings.topic,
      position ?? 0,
      observer,
      settings.limits,
    )) {
      busy = true;
      const items = settings.unmarked ? records.map(record => ({ record, mark: undefined })) : newOf(records, seen);
      if (!(await step(items, next))) return MOVED;
      busy = false;
      totals.handled += items.length;
      totals.repeated += records.length - items.length;
      state.position = next;
      state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
      state.trouble = undefined;
      await keepUp();
      if (world.monotonic() - committedAt < COMMIT_EVERY_MS) continue;
      committedAt = world.monotonic();
      owned.commit({ offset: next, metadata: '' }).catch(error => signal.aborted || observer.trouble(partition, error));
    }
    throw new Error('A partition never ends.');
  } catch (error) {
    if (moved.signal.aborted && !work.signal.aborted) return MOVED;
    throw error;
  } finally {
    ended.abort();
  }
}

/** A record that no stage of ours has written has no known source and does not belong here. */
function newOf(records: readonly LogRecord[], seen: Seen): Item[] {
  return records.flatMap(record => {
    const mark = markOf(record);
    return mark !== undefined && seen.take(mark) ? [{ record, mark }] : [];
  });
}

function recordsOf(items: readonly Item[]): LogRecord[] {
  return items.map(({ record }) => record);
}
