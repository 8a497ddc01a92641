// A stage that counts in windows. Its state is in memory while it owns a partition, and is written
// with the position that it came from.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { ReadBatch, ReadLimits } from '../../../drivers/event-log/event-log.ts';
import { LogPosition } from '../../fold/log-position.ts';
import { type Operator, startOperator } from '../../fold/operator.ts';
import type { Stage, StageObserver, StageWork } from '../../fold/stage.ts';
import { MOVED, type StoredPosition } from '../../fold/stored-position.ts';
import { addLeftOut } from '../flow/flow-tools.ts';
import { hasReadTo } from '../log-ends.ts';
import { dueAfter } from './due-after.ts';
import { type HandOnSettings, handOn } from './hand-on.ts';
import { beganAt, inPlaceNote } from './in-place.ts';
import { laterFrom, type WindowLog } from './later-offsets.ts';
import { loadState, type StateSettings, type WindowStore } from './load-state.ts';
import type { StageState } from './stage-state.ts';
import type { TakeOver } from './take-over.ts';
import type { WindowInput } from './window-input.ts';
import { WindowIntake } from './window-intake.ts';
import type { WindowPlan } from './window-plan.ts';
import type { WindowTotals } from './window-totals.ts';

export interface WindowStageSettings extends HandOnSettings, StateSettings {
  readonly group: string;
  /** The id is another one where anything else is counted. */
  readonly id: string;
  readonly topic: string;
  readonly plan: Pick<WindowPlan, 'idle' | 'disorder'>;
  readonly input: WindowInput;
  /** Set where the windows were counted in place before. */
  readonly moved?: MovedWindows | undefined;
}

interface MovedWindows extends Pick<TakeOver, 'partitions' | 'topic'> {
  /** By partition: the offset at which they went on, as the state says that was loaded. */
  readonly later: Map<number, number>;
}

export interface WindowStageOptions {
  readonly world: World;
  readonly log: WindowLog;
  readonly store: WindowStore;
  readonly settings: WindowStageSettings;
  readonly observer: StageObserver;
  readonly totals: WindowTotals;
}

const READ: ReadLimits = { maxRecords: 10_000, maxBytes: 4 * 1024 * 1024 };
/** Rows of one step, which the store bounds; and their bytes. */
const MAX_ROWS = 8_000;
const MAX_BYTES = 12 * 1024 * 1024;
/** A step ends where there is nothing more to read, after so many records, or after so long. */
const MAX_RECORDS = 100_000;
const MAX_STEP_MS = 500;
/** The position in the log is for people and for trimming. */
const COMMIT_EVERY_MS = 1_000;
const FLUSH_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 1_000;
/** How soon the stage notices a store that has lost its newest changes while no events come. */
const CHECK_EVERY_MS = 5_000;
/** The stage writes what it has taken when nothing more comes for this long. */
const SOON_MS = 20;

export async function startWindowStage(options: WindowStageOptions): Promise<Stage> {
  const { world, log, settings, observer } = options;
  const { group, topic } = settings;
  /** Rows of a step, by partition, where fewer than usual fit. */
  const rows = new Map<number, number>();
  const start = (work: StageWork) => startCounting(options, work, rows);
  return startOperator({ world, log, group, topic, observer, limits: READ, start });
}

async function startCounting(
  options: WindowStageOptions,
  work: StageWork,
  rows: Map<number, number>,
): Promise<Operator | string> {
  const { store, settings } = options;
  const { owned, signal } = work;
  const { partition } = owned;
  const { input, inPlace, moved, topic } = settings;
  inPlace?.assertGoesOn();
  const state = await loadState(settings, store, partition);
  if (state === undefined) return MOVED;
  const { position, windows, seen, repeats } = state;
  inPlace?.assertSource(windows.clock.source);
  await inPlace?.assertSame(partition, windows.clock);
  windows.clock.partitions = inPlace?.partitions ?? moved?.partitions;
  windows.clock.source = inPlace ? topic : moved?.topic;
  // Nothing was counted in place, or a store forgot all of it: later results come after its own.
  windows.clock.later = moved && (windows.clock.later ?? laterFrom(options.world.now()));
  const { later = 0 } = windows.clock;
  moved?.later.set(partition, later);
  const committed = await owned.committed();
  const first = input.marked ? later : beganAt(committed, settings.id);
  const from = Math.max(windows.clock.offset ?? first, later);
  // The state was loaded with all results that were due without a record; they are handed on first.
  if (from !== windows.clock.offset) windows.clock.forgetTicks();
  const note = inPlaceNote(settings.id, first, inPlace?.partitions ?? 0);
  // This comes before any counting: an owner that begins after the Topic has grown must know of it.
  if (inPlace && committed?.metadata !== note) {
    await owned.commit({ offset: from, metadata: note });
    await inPlace.assertAgreed();
  }
  signal.throwIfAborted();
  const handsLateOn = settings.late !== undefined;
  const intake = new WindowIntake({ topic, partition, input, windows, seen, repeats, handsLateOn });
  const counting = new WindowCounting(options, work, { position, windows, intake, from, note, rows });
  return (await counting.begin()) ?? counting;
}

interface Loaded {
  readonly position: StoredPosition;
  readonly windows: StageState;
  readonly intake: WindowIntake;
  readonly from: number;
  /** The note beside the position in the log. */
  readonly note: string;
  readonly rows: Map<number, number>;
}

class WindowCounting implements Operator {
  readonly from: number;
  readonly #options: WindowStageOptions;
  readonly #work: StageWork;
  readonly #position: StoredPosition;
  readonly #logPosition: LogPosition;
  readonly #windows: StageState;
  readonly #intake: WindowIntake;
  readonly #rows: Map<number, number>;
  readonly #maxRows: number;
  /** The offset behind the records that were taken. */
  #read: number;
  #flushedAt: number;
  #checkedAt: number;
  #stepAt: number;
  #lastAt: number;

  constructor(options: WindowStageOptions, work: StageWork, loaded: Loaded) {
    const { world, observer } = options;
    const now = world.monotonic();
    this.from = loaded.from;
    this.#options = options;
    this.#work = work;
    this.#position = loaded.position;
    this.#logPosition = new LogPosition({
      world,
      observer,
      work,
      stored: loaded.windows.clock.offset && loaded.from,
      everyMs: COMMIT_EVERY_MS,
      metadata: loaded.note,
    });
    this.#windows = loaded.windows;
    this.#intake = loaded.intake;
    this.#rows = loaded.rows;
    this.#maxRows = loaded.rows.get(work.owned.partition) ?? MAX_ROWS;
    this.#read = loaded.from;
    this.#flushedAt = now;
    this.#checkedAt = now;
    this.#stepAt = now;
    this.#lastAt = now;
    options.totals.joining.set(work.owned.partition, loaded.windows.joining ?? 0);
  }

  /** Hands on what a former owner did not. Returns the reason why this owner must stop. */
  async begin(): Promise<string | undefined> {
    return this.#windows.results.length > 0 ? this.#step(this.from) : undefined;
  }

  patienceMs(): number {
    return this.#intake.counts.taken > 0 ? SOON_MS : LOOK_EVERY_MS;
  }

  async records({ records, next, bounds }: ReadBatch): Promise<string | undefined> {
    const intake = this.#intake;
    const windows = this.#windows;
    const { state } = this.#work;
    this.#options.settings.inPlace?.assertGoesOn();
    this.#lastAt = this.#now();
    for (const record of records) {
      intake.take(record);
      if (windows.unsaved < this.#maxRows) continue;
      const why = await this.#step(record.offset + 1);
      if (why !== undefined) return why;
    }
    this.#read = next;
    state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
    const isMore = next < bounds.end && intake.counts.taken < MAX_RECORDS && this.#now() - this.#stepAt < MAX_STEP_MS;
    return isMore ? undefined : this.#step(next);
  }

  async idle(): Promise<string | undefined> {
    this.#options.settings.inPlace?.assertGoesOn();
    if (this.#intake.counts.taken > 0) return this.#step(this.#read);
    if (await this.#ticks()) {
      const { clock, watermark } = this.#windows;
      if (!(await this.#position.move([clock.change(watermark.save())], clock.version ?? 0))) return MOVED;
      this.#windows.sayTicked();
      return this.#step(this.#read);
    }
    if (this.#flush()) await this.#handOn();
    if (this.#now() - this.#checkedAt < CHECK_EVERY_MS) return undefined;
    this.#checkedAt = this.#now();
    if (!(await this.#position.isStored())) return MOVED;
    this.#logPosition.catchUp();
    return undefined;
  }

  close(): void {
    const { watermarks, joining } = this.#options.totals;
    for (const each of [watermarks, joining]) each.delete(this.#work.owned.partition);
  }

  /** Whether time has gone on without a record, as nothing is left to read. */
  async #ticks(): Promise<boolean> {
    const { log, settings } = this.#options;
    const { partition } = this.#work.owned;
    const due = dueAfter(this.#now() - this.#lastAt, this.#windows, settings);
    if (due === undefined) return false;
    // The end is asked for now: a process that was stopped for a while finds its time gone, and its
    // events unread.
    const end = (await log.bounds(settings.topic))?.[partition]?.end ?? Number.POSITIVE_INFINITY;
    if (!(await hasReadTo(log, settings.topic, partition, this.#read, end))) return false;
    this.#windows.tick(due);
    this.#work.signal.throwIfAborted();
    return true;
  }

  /** All records up to the offset have been taken. Returns the reason why this owner must stop. */
  async #step(upTo: number): Promise<string | undefined> {
    const { totals } = this.#options;
    const { owned, state, signal } = this.#work;
    const { partition } = owned;
    const windows = this.#windows;
    this.#flush();
    await this.#handOn();
    const { changes, bytes } = windows.takeChanges(upTo);
    if (bytes > MAX_BYTES) {
      this.#rows.set(partition, Math.max(1, Math.floor(this.#maxRows / 4)));
      throw new TenfoldError('overloaded', 'The windows of one step are too large: it is made smaller.');
    }
    const all = [...changes, ...this.#intake.changes()];
    signal.throwIfAborted();
    if (!(await this.#position.move(all, windows.clock.version ?? 0))) return MOVED;
    this.#count();
    this.#stepAt = this.#now();
    state.position = upTo;
    state.trouble = undefined;
    if (Number.isFinite(windows.watermark.value)) totals.watermarks.set(partition, windows.watermark.value);
    totals.joining.set(partition, windows.joining ?? 0);
    this.#logPosition.follow(upTo);
    return undefined;
  }

  #count(): void {
    const { settings, totals } = this.#options;
    const stage = this.#work.totals;
    const { taken, repeated, late, leftOut } = this.#intake.stored();
    stage.handled += taken;
    stage.repeated += repeated;
    totals.late += late;
    addLeftOut(settings.tools.leftOut, leftOut);
  }

  /** Whether results of windows that are open are due. */
  #flush(): boolean {
    if (!this.#windows.hasUnsent || this.#now() - this.#flushedAt < FLUSH_EVERY_MS) return false;
    this.#flushedAt = this.#now();
    this.#windows.flush();
    return true;
  }

  async #handOn(): Promise<void> {
    const { settings, observer, totals } = this.#options;
    totals.emitted += await handOn({
      settings,
      observer,
      work: this.#work,
      windows: this.#windows,
      intake: this.#intake,
    });
  }

  #now(): number {
    return this.#options.world.monotonic();
  }
}
