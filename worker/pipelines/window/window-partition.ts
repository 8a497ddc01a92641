// The state of a window step in one partition: what records do to it, results, and changes.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { MAX_PAGE } from '../../../drivers/store/limits.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import type { Clock } from '../../fold/clock-record.ts';
import type { FlowItem } from '../flow/item.ts';
import { EarlyResults } from './early-results.ts';
import { lateError } from './late-error.ts';
import { decodeWindow, encodeWindow, MAX_KEY, type OpenWindow, rowOf } from './open-window.ts';
import { type ResultCause, type ResultInit, type ResultKind, resultItem } from './result-item.ts';
import { readClockText, type SavedClock } from './saved-clock.ts';
import { StageClock } from './stage-clock.ts';
import type { Due, StageState, TakenEvent } from './stage-state.ts';
import { Watermark } from './watermark.ts';
import { WindowSet } from './window-set.ts';

export const WINDOWS_TABLE = 'windows';

/** Room for the numbers of results of one step of time, and of what steps make of a change. */
const CAUSED = 2 ** 26;
const MADE_OF_ONE = 2 ** 14;
/**
 * A record first makes the early results by time, then the results of what it closes, and then the
 * early ones by count. The numbers of the latter two begin here where there are early results.
 */
const BEHIND_EARLY = 2 ** 24;
const EARLY_BY_COUNT = 2 ** 25;
/**
 * Ticks that report what is over are numbered from here where there are early results. A store that
 * forgets an early result then takes no number from what is reported later.
 */
const OVER_TICKS = 2 ** 20;
/** More than the windows that one event is part of. */
const OVERLAP = 1024;

export class WindowPartition implements StageState {
  readonly clock: StageClock;
  readonly windows: WindowSet;
  readonly watermark: Watermark;
  /** The results to hand on, in order. */
  readonly results: FlowItem[] = [];
  readonly #init: ResultInit;
  readonly #unsaved: OpenWindow[] = [];
  readonly #closed: OpenWindow[] = [];
  readonly #found: OpenWindow[] = [];
  readonly #values: unknown[] = [];
  readonly #early: EarlyResults | undefined;
  #unsent: OpenWindow[] = [];
  /** Time when the next window is over by silence; undefined: it has to be looked for. */
  #nextOver: number | undefined;

  private constructor(
    init: ResultInit,
    sources: number,
    saved: SavedClock | undefined,
    world: Pick<World, 'now' | 'random'>,
  ) {
    this.#init = init;
    this.clock = new StageClock(saved, world);
    this.windows = new WindowSet(init.plan);
    this.#early = init.plan.early && new EarlyResults(init.plan.early);
    this.watermark = new Watermark(init.plan.disorder, [sources], saved?.watermark);
  }

  /** Undefined when another owner has written meanwhile. */
  static async load(
    store: Pick<Tables, 'row' | 'scan'>,
    scope: string,
    init: ResultInit,
    sources: number,
    world: Pick<World, 'now' | 'random'>,
  ): Promise<WindowPartition | undefined> {
    const text = () => readClockText(store, scope);
    const before = await text();
    const saved: SavedClock | undefined = before === undefined ? undefined : JSON.parse(before);
    const partition = new WindowPartition(init, sources, saved, world);
    for (let after: string | undefined; ; ) {
      const page = await store.scan(scope, WINDOWS_TABLE, { limit: MAX_PAGE, after });
      for (const { value } of page.rows) {
        const window = decodeWindow(Buffer.from(value).toString(), init.plan);
        partition.windows.restore(window);
        if (window.unsent && init.plan.changes) partition.#unsent.push(window);
        partition.#early?.restore(window);
      }
      after = page.next;
      if (after === undefined) break;
    }
    if ((await text()) !== before) return undefined;
    // Nothing came for long, and the consequences were not carried out. An earlier
    // release let time go on by it.
    const { clock } = partition;
    partition.#close((clock.offset ?? 0) - 1, clock.ticks * CAUSED);
    partition.sayTicked();
    return partition;
  }

  get unsaved(): number {
    const rows = this.#unsaved.length + this.#closed.length + this.windows.moved.length;
    return this.#early ? rows + this.results.length : rows;
  }

  get hasUnsent(): boolean {
    return this.#unsent.length > 0;
  }

  take({ event, key, time, source }: TakenEvent, record: LogRecord): (() => Error) | undefined {
    const { aggregates, changes } = this.#init.plan;
    if (key.length > MAX_KEY) {
      throw new TenfoldError('expression-failed', `The key of the window has more than ${MAX_KEY} characters.`);
    }
    // One list for all events, since there are very many of them.
    const values = this.#values;
    for (let index = 0; index < aggregates.length; index++) values[index] = aggregates[index]?.ask?.(event);
    this.clock.note(record);
    this.#nextOver = undefined;
    if (this.watermark.saw(source, time)) this.#close(record.offset, this.#behindEarly);
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
    if (this.#early) this.#count(found, record);
    if (missed === undefined) return undefined;
    // How long ago, in event time, the window was closed.
    const byMs = this.watermark.value - this.windows.closesAt(missed.end);
    return () => lateError(missed, time, byMs);
  }

  told(clock: Clock, isQuiet: boolean, record: LogRecord): void {
    this.clock.note(record);
    if (this.watermark.told(clock, isQuiet)) this.#close(record.offset, this.#behindEarly);
    const { silence } = this.watermark;
    if (clock.silentMs !== undefined && silence !== undefined && this.wouldSay(silence)) {
      this.#say(silence, record.offset, this.#behindEarly);
    }
  }

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

  isEarlyDue(now: number): boolean {
    return this.#early !== undefined && this.#early.next <= now;
  }

  tick({ silence, early }: Due): void {
    const { clock } = this;
    if (this.#early && silence !== undefined) clock.ticks = Math.max(clock.ticks, OVER_TICKS);
    clock.ticks++;
    clock.silence = silence;
    clock.early = early;
  }

  sayTicked(): void {
    const { silence, early, offset = 0, ticks } = this.clock;
    if (early !== undefined) this.#giveEarly(early, offset - 1, ticks * CAUSED);
    if (silence !== undefined) this.#say(silence, offset - 1, ticks * CAUSED + this.#behindEarly);
  }

  giveEarly({ offset, timestamp }: LogRecord): void {
    this.#giveEarly(timestamp, offset, 0);
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
      this.#result(window, { offset: window.last, base: baseOf(window) * MADE_OF_ONE, change: window.last });
      window.unsent = false;
      // Otherwise the next owner would hand it on again, which would do no harm.
      this.#isUnsaved(window);
    }
  }

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
    this.clock.offset = offset;
    changes.push(this.clock.change(this.watermark.save()));
    return { changes, bytes };
  }

  #close(offset: number, base: number): void {
    if (this.windows.nextClose > this.watermark.value) return;
    const { changes } = this.#init.plan;
    // Their order is that of the records that changed them, also of those that are not closed.
    if (changes) this.flush();
    for (const window of this.windows.close(this.watermark.value)) {
      if (!changes && (window.unsent || !window.said)) {
        this.#result(window, { offset, base, change: window.said ? window.last : undefined });
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
      this.#result(window, { offset, base, change: window.last });
      window.said = true;
      window.unsent = false;
      this.#isUnsaved(window);
    }
    this.#nextOver = undefined;
  }

  #count(found: readonly OpenWindow[], { offset, timestamp }: LogRecord): void {
    for (const window of found) {
      if (!this.#early?.counted(window, timestamp)) continue;
      this.#result(window, { offset, base: EARLY_BY_COUNT, change: offset, isEarly: true });
    }
  }

  get #behindEarly(): number {
    return this.#early ? BEHIND_EARLY : 0;
  }

  #giveEarly(now: number, offset: number, base: number): void {
    const newest = this.watermark.newest ?? Number.NEGATIVE_INFINITY;
    const over = newest + now - this.clock.timestamp - this.#init.plan.disorder;
    for (const window of this.#early?.take(now) ?? []) {
      this.#isUnsaved(window);
      // Its final result is near. It may even have been given, and a store forgot its newest step.
      if (this.windows.closesAt(window.end) <= over) continue;
      this.#result(window, { offset, base, change: window.last, isEarly: true });
    }
  }

  #result(window: OpenWindow, { offset, base, ...which }: Pick<ResultCause, 'offset' | 'base'> & ResultKind): void {
    const { timestamp, depth } = this.clock;
    this.results.push(resultItem(this.#init, window, { offset, base, timestamp, depth }, which));
  }

  #isUnsaved(window: OpenWindow): void {
    if (window.unsaved) return;
    window.unsaved = true;
    this.#unsaved.push(window);
  }
}
