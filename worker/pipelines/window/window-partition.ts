// The state of a window step in one partition: what records do to it, results, and changes.
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { DEPTH_HEADER } from '../../../core/wire.ts';
import type { World } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { MAX_PAGE } from '../../../drivers/store/limits.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import type { Clock } from '../../fold/clock-record.ts';
import type { FlowItem } from '../flow/item.ts';
import { decodeWindow, encodeWindow, MAX_KEY, type OpenWindow, rowOf } from './open-window.ts';
import { type ResultInit, resultItem } from './result-item.ts';
import { CLOCK_ROW, CLOCK_TABLE, readClockText, type SavedClock } from './saved-clock.ts';
import { Watermark } from './watermark.ts';
import { type Missed, WindowSet } from './window-set.ts';

export const WINDOWS_TABLE = 'windows';

/** Room for the numbers of results of one step of time, and of what steps make of a change. */
const CAUSED = 2 ** 26;
const MADE_OF_ONE = 2 ** 14;
/** Versions of one millisecond: as fine as whole numbers can be for a hundred years. */
const PER_MS = 2000;

/** More than the windows that one event is part of. */
const OVERLAP = 1024;

export class WindowPartition {
  readonly windows: WindowSet;
  readonly watermark: Watermark;
  /** The results to hand on, in order. */
  readonly results: FlowItem[] = [];
  /** Offset of the next record that the stage needs; undefined where nothing was stored. */
  offset: number | undefined;
  /**
   * The version that was written last; undefined before. It is made of the time. A store
   * that has lost its newest changes gives none of them out again, so no owner takes
   * another's step for its own.
   */
  version: number | undefined;
  /**
   * The partitions of the Topic when its events began to be counted in place. Undefined: an earlier
   * release has written it, or they are not counted in place.
   */
  partitions: number | undefined;
  readonly #init: ResultInit;
  readonly #unsaved: OpenWindow[] = [];
  readonly #closed: OpenWindow[] = [];
  readonly #found: OpenWindow[] = [];
  readonly #values: unknown[] = [];
  #unsent: OpenWindow[] = [];
  #ticks: number;
  #silence: number | undefined;
  /** Time when the next window is over by silence; undefined: it has to be looked for. */
  #nextOver: number | undefined;
  #timestamp: number;
  #depth: string;
  readonly #world: Pick<World, 'now' | 'random'>;

  private constructor(
    init: ResultInit,
    sources: number,
    saved: SavedClock | undefined,
    world: Pick<World, 'now' | 'random'>,
  ) {
    this.#init = init;
    this.#world = world;
    this.version = saved?.version;
    this.windows = new WindowSet(init.plan);
    this.watermark = new Watermark(init.plan.disorder, sources, saved?.watermark);
    this.offset = saved?.offset;
    this.#ticks = saved?.ticks ?? 0;
    this.#silence = saved?.silence;
    this.#timestamp = saved?.timestamp ?? 0;
    this.#depth = saved?.depth ?? '0';
    this.partitions = saved?.partitions;
  }

  /** Undefined when another owner has written meanwhile. */
  static async load(
    store: Pick<Tables, 'row' | 'scan'>,
    scope: string,
    init: ResultInit,
    sources: number,
    world: Pick<World, 'now' | 'random'>,
  ): Promise<WindowPartition | undefined> {
    const clock = () => readClockText(store, scope);
    const before = await clock();
    const saved: SavedClock | undefined = before === undefined ? undefined : JSON.parse(before);
    const partition = new WindowPartition(init, sources, saved, world);
    for (let after: string | undefined; ; ) {
      const page = await store.scan(scope, WINDOWS_TABLE, { limit: MAX_PAGE, after });
      for (const { value } of page.rows) {
        const window = decodeWindow(Buffer.from(value).toString(), init.plan);
        partition.windows.restore(window);
        if (window.unsent && init.plan.changes) partition.#unsent.push(window);
      }
      after = page.next;
      if (after === undefined) break;
    }
    if ((await clock()) !== before) return undefined;
    // Nothing came for long, and the consequences were not carried out. An earlier
    // release let time go on by it.
    partition.#close((partition.offset ?? 0) - 1, partition.#ticks * CAUSED);
    partition.sayTicked();
    return partition;
  }

  /** Rows that would be written now. */
  get unsaved(): number {
    return this.#unsaved.length + this.#closed.length + this.windows.moved.length;
  }

  get hasUnsent(): boolean {
    return this.#unsent.length > 0;
  }

  /** The windows for which it is late. Throws `expression-failed`; then nothing has changed. */
  take(event: CloudEvent, record: LogRecord, key: string, time: number, source: number): Missed | undefined {
    const { aggregates, changes } = this.#init.plan;
    if (key.length > MAX_KEY) {
      throw new TenfoldError('expression-failed', `The key of the window has more than ${MAX_KEY} characters.`);
    }
    // One list for all events, since there are very many of them.
    const values = this.#values;
    for (let index = 0; index < aggregates.length; index++) values[index] = aggregates[index]?.ask?.(event);
    this.#note(record);
    this.#nextOver = undefined;
    if (this.watermark.saw(source, time)) this.#close(record.offset, 0);
    const found = this.#found;
    const missed = this.windows.windowsFor(key, time, this.watermark.value, found);
    for (const window of found) {
      const { results } = window;
      for (let index = 0; index < results.length; index++) results[index]?.add(values[index], time);
      window.last = record.offset;
      this.#isUnsaved(window);
      if (changes && !window.unsent) this.#unsent.push(window);
      // A window that was reported early has to be reported again; without `changes` only then.
      if (changes || window.said) window.unsent = true;
    }
    return missed;
  }

  /** How long ago, in event time, the window was closed. */
  lateBy({ end }: Missed): number {
    return this.watermark.value - this.windows.closesAt(end);
  }

  /** Takes in the clock record of a source. `isQuiet`: no newer event of it has come. */
  told(clock: Clock, isQuiet: boolean, record: LogRecord): void {
    this.#note(record);
    if (this.watermark.told(clock, isQuiet)) this.#close(record.offset, 0);
    const { silence } = this.watermark;
    if (clock.silentMs !== undefined && silence !== undefined && this.wouldSay(silence)) {
      this.#say(silence, record.offset, 0);
    }
  }

  /** Whether an unreported window would be over if time had gone on so far by itself. */
  wouldSay(time: number): boolean {
    if (this.#init.plan.changes) return false;
    if (this.#nextOver === undefined) {
      this.#nextOver = Number.POSITIVE_INFINITY;
      for (const { said, unsent, end } of this.windows) {
        if (unsent || !said) this.#nextOver = Math.min(this.#nextOver, this.windows.closesAt(end));
      }
    }
    return this.#nextOver <= time;
  }

  /** Nothing came for long, and all was read. It is written before a window is reported by it. */
  tick(silence: number): void {
    this.#ticks++;
    this.#silence = silence;
  }

  /** This comes after the tick was written. */
  sayTicked(): void {
    if (this.#silence !== undefined) this.#say(this.#silence, (this.offset ?? 0) - 1, this.#ticks * CAUSED);
  }

  /** Makes results of all changes since, in the order of the records that made them. */
  flush(): void {
    const { shape } = this.#init.plan;
    // The number follows from the window alone: the other results may be different the next time.
    const baseOf = ({ start }: OpenWindow) =>
      shape.kind === 'fixed' ? ((Math.round(start / shape.every) % OVERLAP) + OVERLAP) % OVERLAP : 0;
    const unsent = this.#unsent.filter(({ gone, unsent }) => unsent && !gone);
    this.#unsent = [];
    unsent.sort((one, other) => one.last - other.last || baseOf(one) - baseOf(other));
    for (const window of unsent) {
      this.#result(window, window.last, baseOf(window) * MADE_OF_ONE, window.last);
      window.unsent = false;
      // Otherwise the next owner would hand it on again, which would do no harm.
      this.#isUnsaved(window);
    }
  }

  /** All changes to write with the next position. */
  takeChanges(offset: number): { readonly changes: Change[]; readonly bytes: number } {
    const changes: Change[] = [];
    let bytes = 0;
    for (const window of [...this.windows.moved.splice(0), ...this.#closed.splice(0)]) {
      changes.push({ kind: 'delete-row', table: WINDOWS_TABLE, key: rowOf(window) });
    }
    for (const window of this.#unsaved.splice(0)) {
      window.unsaved = false;
      if (window.gone) continue;
      const value = encodeWindow(window);
      bytes += value.length;
      changes.push({ kind: 'put-row', table: WINDOWS_TABLE, key: rowOf(window), value });
    }
    this.offset = offset;
    changes.push(this.clockChange());
    return { changes, bytes };
  }

  /** The row is written with each step, and different each time. */
  clockChange(): Change {
    const { now, random } = this.#world;
    this.version = Math.max((this.version ?? 0) + 1, Math.floor((now() + random()) * PER_MS));
    const saved: SavedClock = {
      offset: this.offset ?? 0,
      watermark: this.watermark.save(),
      ticks: this.#ticks,
      timestamp: this.#timestamp,
      depth: this.#depth,
      version: this.version,
      ...(this.partitions === undefined ? {} : { partitions: this.partitions }),
      ...(this.#silence === undefined ? {} : { silence: this.#silence }),
    };
    return { kind: 'put-row', table: CLOCK_TABLE, key: CLOCK_ROW, value: JSON.stringify(saved) };
  }

  #note({ timestamp, headers }: LogRecord): void {
    this.#ticks = 0;
    this.#silence = undefined;
    this.#timestamp = timestamp;
    this.#depth = headers[DEPTH_HEADER] ?? '0';
  }

  #close(offset: number, base: number): void {
    if (this.windows.nextClose > this.watermark.value) return;
    const { changes } = this.#init.plan;
    // Their order is that of the records that changed them, also of those that are not closed.
    if (changes) this.flush();
    for (const window of this.windows.close(this.watermark.value)) {
      if (!changes && (window.unsent || !window.said)) {
        this.#result(window, offset, base, window.said ? window.last : undefined);
      }
      this.#closed.push(window);
    }
  }

  /** They stay open: later events still count, and then the windows are reported once more. */
  #say(silence: number, offset: number, base: number): void {
    if (this.#init.plan.changes) return;
    for (const window of this.windows.overBy(silence)) {
      // A store that loses its newest changes forgets that this was reported, and no record says
      // so. The id of the closed window must be another one then.
      this.#result(window, offset, base, window.last);
      window.said = true;
      window.unsent = false;
      this.#isUnsaved(window);
    }
    this.#nextOver = undefined;
  }

  #result(window: OpenWindow, offset: number, base: number, change: number | undefined): void {
    const cause = { offset, base, timestamp: this.#timestamp, depth: this.#depth };
    this.results.push(resultItem(this.#init, window, cause, change));
  }

  #isUnsaved(window: OpenWindow): void {
    if (window.unsaved) return;
    window.unsaved = true;
    this.#unsaved.push(window);
  }
}
