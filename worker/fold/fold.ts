// Turns the records of an internal topic into changes of state. Each step is written together with
// the position it came from.
import { jittered } from '../../core/retry/backoff.ts';
import { isOfLaterRelease } from '../../core/stored-version.ts';
import { inStep, type World } from '../../core/world.ts';
import type { EventLog, LogRecord, ReadBatch, ReadLimits } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Store } from '../../drivers/store/store.ts';
import { LogPosition } from './log-position.ts';
import { type Operator, startOperator } from './operator.ts';
import { isPoison } from './poison.ts';
import { REPEATS_DIVIDED, Repeats } from './repeats.ts';
import { Seen, seenChanges } from './seen.ts';
import { markOf, type SourceMark } from './source-mark.ts';
import type { Stage, StageObserver, StageWork } from './stage.ts';
import { MOVED, StoredPosition } from './stored-position.ts';

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
   * Asked and applied again until there are none. Another owner may have made a step meanwhile;
   * then they are not applied.
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

interface Item {
  readonly record: LogRecord;
  readonly mark: SourceMark | undefined;
}

const COMMIT_EVERY_MS = 1_000;
/** How soon the fold notices a store that has lost its newest changes while no events come. */
const CHECK_EVERY_MS = 5_000;
/** Steps of upkeep in a row before records get their turn. */
const UPKEEP_STEPS = 20;

export async function startFold(options: FoldOptions): Promise<Stage> {
  const { world, log, settings, observer } = options;
  const { group, topic, limits } = settings;
  return startOperator({ world, log, group, topic, observer, limits, start: work => Fold.start(options, work) });
}

class Fold implements Operator {
  readonly #options: FoldOptions;
  readonly #work: StageWork;
  readonly #scope: string;
  readonly #position: StoredPosition;
  readonly #seen: Seen;
  readonly #logPosition: LogPosition;
  #repeats: Repeats;
  #checkAt: number;
  #upkeepAt: number;

  static async start(options: FoldOptions, work: StageWork): Promise<Fold> {
    const { store, settings } = options;
    const { partition } = work.owned;
    const scope = settings.scopeOf(partition);
    const position = await StoredPosition.load({ store, scope, consumer: settings.consumer, partition });
    const seen = await Seen.load(store, scope);
    return new Fold(options, work, scope, position, seen, await Repeats.load(store, scope, REPEATS_DIVIDED));
  }

  private constructor(
    options: FoldOptions,
    work: StageWork,
    scope: string,
    position: StoredPosition,
    seen: Seen,
    repeats: Repeats,
  ) {
    const { world, observer } = options;
    this.#options = options;
    this.#work = work;
    this.#scope = scope;
    this.#position = position;
    this.#seen = seen;
    this.#repeats = repeats;
    this.#logPosition = new LogPosition({
      world,
      observer,
      work,
      stored: position.value,
      everyMs: COMMIT_EVERY_MS,
    });
    this.#checkAt = this.#nextCheck();
    this.#upkeepAt = this.#nextUpkeep();
  }

  get from(): number {
    return this.#position.value ?? 0;
  }

  patienceMs(): number {
    return Math.max(1, Math.min(this.#checkAt, this.#upkeepAt) - this.#options.world.monotonic());
  }

  async records({ records, next }: ReadBatch): Promise<string | undefined> {
    const { state, totals } = this.#work;
    const { unmarked } = this.#options.settings;
    const items = unmarked ? records.map(record => ({ record, mark: undefined })) : newOf(records, this.#seen);
    if (!(await this.#step(items, next))) return MOVED;
    totals.handled += items.length;
    totals.repeated += records.length - items.length;
    state.position = next;
    state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
    state.trouble = undefined;
    this.#logPosition.follow(next);
    return this.#keepUp();
  }

  async idle(): Promise<string | undefined> {
    const why = await this.#keepUp();
    if (why !== undefined || this.#options.world.monotonic() < this.#checkAt) return why;
    this.#checkAt = this.#nextCheck();
    if (!(await this.#position.isStored().catch(() => true))) return MOVED;
    this.#logPosition.catchUp();
    return undefined;
  }

  /**
   * Makes one step of the items, or several where they are too large for one. False: another owner
   * has moved the position.
   */
  async #step(items: readonly Item[], upTo: number): Promise<boolean> {
    const { store, settings, observer } = this.#options;
    const { owned, totals, signal } = this.#work;
    const { partition } = owned;
    const repeats = this.#repeats;
    signal.throwIfAborted();
    let repeated = 0;
    const isRepeat = (record: LogRecord) => {
      const mark = markOf(record);
      const isOne = mark !== undefined && repeats.isRepeat(record, mark);
      if (isOne) repeated++;
      return isOne;
    };
    try {
      const changes = items.length === 0 ? [] : await settings.toChanges(recordsOf(items), this.#scope, isRepeat);
      const all = [...changes, ...seenChanges(items.flatMap(({ mark }) => mark ?? [])), ...repeats.changes()];
      signal.throwIfAborted();
      if (!(await this.#position.move(all, upTo))) return false;
      totals.repeated += repeated;
      if (items.length > 0) settings.applied?.(partition, recordsOf(items));
      return true;
    } catch (error) {
      const [first] = items;
      const isLater = isOfLaterRelease(error);
      if (!(isPoison(error) || isLater) || first === undefined) throw error;
      this.#repeats = await Repeats.load(store, this.#scope, REPEATS_DIVIDED);
      if (items.length > 1) {
        const middle = items.length >> 1;
        const between = items[middle]?.record.offset ?? upTo;
        return (await this.#step(items.slice(0, middle), between)) && this.#step(items.slice(middle), upTo);
      }
      // Records before it are folded. From it on all wait for a process of that release.
      if (isLater) throw error;
      await settings.refused(partition, first.record, error);
      totals.refused++;
      observer.refused(partition, first.record, error);
      return this.#step([], upTo);
    }
  }

  /** A failure is reported, and stops no records: the upkeep is tried again when it is due next. */
  async #keepUp(): Promise<string | undefined> {
    const { world, observer } = this.#options;
    const { owned, signal } = this.#work;
    if (world.monotonic() < this.#upkeepAt) return undefined;
    this.#upkeepAt = this.#nextUpkeep();
    try {
      return await this.#upkeep();
    } catch (error) {
      if (signal.aborted) throw error;
      observer.trouble(owned.partition, error);
      return undefined;
    }
  }

  async #upkeep(): Promise<string | undefined> {
    const { upkeep } = this.#options.settings;
    const at = this.#position.value;
    if (upkeep === undefined || at === undefined) return undefined;
    for (let made = 0; made < UPKEEP_STEPS; made++) {
      const changes = await upkeep.toChanges(this.#scope);
      if (changes.length === 0) return undefined;
      this.#work.signal.throwIfAborted();
      if (!(await this.#position.move(changes, at))) return MOVED;
    }
    // There is more to do, once the records that have come had their turn.
    this.#upkeepAt = Number.NEGATIVE_INFINITY;
    return undefined;
  }

  #nextCheck(): number {
    const { world } = this.#options;
    return world.monotonic() + inStep(world, jittered(CHECK_EVERY_MS, world.random()));
  }

  /** No round comes before its time, and jitter keeps the partitions of a process apart. */
  #nextUpkeep(): number {
    const { world, settings } = this.#options;
    if (settings.upkeep === undefined) return Number.POSITIVE_INFINITY;
    return world.monotonic() + jittered((settings.upkeep.everyMs * 4) / 3, world.random());
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
