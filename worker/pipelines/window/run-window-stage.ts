// A stage that counts in windows. Its state is in memory while it owns a partition, and is written with the position that it came from.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, LogRecord, ReadBatch, ReadLimits } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { isPoison } from '../../fold/poison.ts';
import { readAhead } from '../../fold/read-ahead.ts';
import { REPEATS_DIRECT, REPEATS_DIVIDED, Repeats } from '../../fold/repeats.ts';
import { Seen, seenChanges } from '../../fold/seen.ts';
import { SeenApart } from '../../fold/seen-apart.ts';
import type { SourceMark } from '../../fold/source-mark.ts';
import { type Stage, type StageObserver, type StageWork, startStage } from '../../fold/stage.ts';
import type { GivenUp } from '../dead-letters.ts';
import { type Flow, runFlow } from '../flow/flow.ts';
import { addLeftOut, createLeftOut, type FlowTools } from '../flow/flow-tools.ts';
import type { FlowItem } from '../flow/item.ts';
import { hasReadTo } from '../log-ends.ts';
import { type Outlet, putInto } from '../outlets/outlet.ts';
import { quietly, within } from '../within.ts';
import { beganAt, type InPlace, inPlaceNote } from './in-place.ts';
import { lateError } from './late-error.ts';
import type { ResultInit } from './result-item.ts';
import type { WindowInput } from './window-input.ts';
import { WindowPartition } from './window-partition.ts';

export interface WindowStageSettings extends Omit<ResultInit, 'partition'> {
  readonly group: string;
  /** The id is another one where anything else is counted. */
  readonly id: string;
  readonly topic: string;
  /** Set where the stage counts the events of the Topic itself. */
  readonly inPlace?: InPlace | undefined;
  scopeOf(partition: number): string;
  readonly input: WindowInput;
  readonly flow: Flow;
  readonly tools: FlowTools;
  readonly outlets: readonly Outlet[];
  /** The outlet of events that come too late. Undefined: they are given up. */
  readonly late: Outlet | undefined;
  /** Sets unusable or late records aside. Resolves once that is durable; called at least once for each. */
  givenUp(partition: number, records: readonly GivenUp[]): Promise<void>;
}

export type WindowStore = Pick<Store, 'apply' | 'position' | 'scan' | 'row' | 'server'>;

export interface WindowStageOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly store: WindowStore;
  readonly settings: WindowStageSettings;
  readonly observer: StageObserver;
  readonly totals: WindowTotals;
}

/** Since the stage was started. */
export interface WindowTotals {
  late: number;
  emitted: number;
  /** By owned partition: the event time so far, milliseconds since 1970. */
  readonly watermarks: Map<number, number>;
}

/** The consumer of its position, which is a version, as time may go on without a record. The offset is in a row beside it. */
const WINDOW_CONSUMER = 'window';
const MOVED = 'The position in the store is another one.';
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
  const { world, log, settings, observer, totals } = options;
  const { group, topic } = settings;
  if ((await log.bounds(topic)) === undefined)
    throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  /** Rows of a step, by partition, where fewer than usual fit. */
  const rows = new Map<number, number>();
  const work = async (each: StageWork) => {
    try {
      return await count(options, each, rows);
    } finally {
      totals.watermarks.delete(each.owned.partition);
    }
  };
  return startStage({ world, log, group, topic, observer, work });
}

async function count(options: WindowStageOptions, work: StageWork, rows: Map<number, number>): Promise<string> {
  const { world, log, store, settings, observer, totals } = options;
  const { owned, state, signal } = work;
  const { partition } = owned;
  const { input, flow, outlets, tools, inPlace } = settings;
  const scope = settings.scopeOf(partition);
  // This comes first. Data of one server must never be written to another, which may have forgotten it and stand at the same position.
  const server = await store.server(scope);
  let version = await store.position(scope, WINDOW_CONSUMER, partition);
  // This comes after the position. The seen marks may be newer than the position, and then the first step is refused; they are never older.
  const seen = !input.marked ? undefined : await (input.ordered ? Seen : SeenApart).load(store, scope);
  const repeats = await Repeats.load(store, scope, input.marked ? REPEATS_DIVIDED : REPEATS_DIRECT);
  const windows = await WindowPartition.load(store, scope, { ...settings, partition }, input.sources, world);
  // Only a part of the state has changes that were written in between, so nothing may be made of it.
  if (windows === undefined || windows.version !== version) return MOVED;
  inPlace?.assertSame(partition, windows.partitions);
  windows.partitions = inPlace?.partitions;
  const committed = await owned.committed();
  const first = input.marked ? 0 : beganAt(committed, settings.id);
  const begin = windows.offset ?? first;
  const note = inPlaceNote(settings.id, first, inPlace?.partitions ?? 0);
  // This comes before any counting: an owner that begins after the Topic has grown must know of it.
  if (inPlace && committed?.metadata !== note) await owned.commit({ offset: begin, metadata: note });
  signal.throwIfAborted();
  state.position = begin;
  const maxRows = rows.get(partition) ?? MAX_ROWS;
  const now = () => world.monotonic();
  let committedAt = now();
  let flushedAt = now();
  let checkedAt = now();
  let stepAt = now();
  let lastAt = now();
  let taken = 0;
  /** Records count once the position is stored, as they come again otherwise. */
  let uncounted = { late: 0, repeated: 0, leftOut: createLeftOut() };
  let read = begin;
  let marks: SourceMark[] = [];
  let late: FlowItem[] = [];
  let givenUp: GivenUp[] = [];

  const refuse = (record: LogRecord, error: unknown) => {
    if (!isPoison(error)) throw error;
    givenUp.push({ record, error, reason: 'refused' });
  };
  const refuseItem = ({ cause }: FlowItem, error: unknown) => refuse(cause.record, error);

  const handOn = async () => {
    // This comes before any result of windows of which another partition may have a part, and before a stray event is given up.
    if (windows.results.length > 0 || givenUp.length > 0) await inPlace?.check();
    const results = windows.results.splice(0);
    const made: FlowItem[][] = outlets.map(() => []);
    const { leftOut } = uncounted;
    await runFlow(flow, results, { outlets: made, refuse: refuseItem, tools, leftOut, attempt: 1, signal });
    const lates = late;
    late = [];
    signal.throwIfAborted();
    await Promise.all([
      ...outlets.map((outlet, index) => putInto(outlet, made[index] ?? [], refuseItem, signal)),
      putInto(settings.late, lates, refuseItem, signal),
    ]);
    totals.emitted += results.length;
    const lost = givenUp;
    givenUp = [];
    if (lost.length === 0) return;
    signal.throwIfAborted();
    await settings.givenUp(partition, lost);
    for (const { record, error, reason } of lost) {
      if (reason !== 'refused') continue;
      work.totals.refused++;
      observer.refused(partition, record, error);
    }
  };

  const apply = async (changes: readonly Change[]): Promise<boolean> => {
    signal.throwIfAborted();
    const upTo = windows.version ?? 0;
    const fence = { consumer: WINDOW_CONSUMER, partition, after: version, upTo, server };
    const { applied } = await store.apply(scope, changes, fence);
    if (applied) version = upTo;
    return applied;
  };

  /** All records up to the offset have been taken. False: another owner goes on. */
  const step = async (upTo: number): Promise<boolean> => {
    if (windows.hasUnsent && now() - flushedAt >= FLUSH_EVERY_MS) {
      flushedAt = now();
      windows.flush();
    }
    await handOn();
    const { changes, bytes } = windows.takeChanges(upTo);
    if (bytes > MAX_BYTES) {
      rows.set(partition, Math.max(1, Math.floor(maxRows / 4)));
      throw new TenfoldError('overloaded', 'The windows of one step are too large: it is made smaller.');
    }
    const seenNow = seen instanceof SeenApart ? seen.changes() : seenChanges(marks);
    if (!(await apply([...changes, ...seenNow, ...repeats.changes()]))) return false;
    marks = [];
    work.totals.handled += taken;
    work.totals.repeated += uncounted.repeated;
    totals.late += uncounted.late;
    addLeftOut(tools.leftOut, uncounted.leftOut);
    taken = 0;
    uncounted = { late: 0, repeated: 0, leftOut: createLeftOut() };
    stepAt = now();
    state.position = upTo;
    state.trouble = undefined;
    if (Number.isFinite(windows.watermark.value)) totals.watermarks.set(partition, windows.watermark.value);
    if (now() - committedAt < COMMIT_EVERY_MS) return true;
    committedAt = now();
    owned.commit({ offset: upTo, metadata: note }).catch(error => signal.aborted || observer.trouble(partition, error));
    return true;
  };

  const take = (record: LogRecord) => {
    taken++;
    try {
      const found = input.read(record, partition);
      if (found === undefined) return;
      if (found === 'filtered') {
        uncounted.leftOut.filtered++;
        return;
      }
      if ('clock' in found) {
        const { feeder, source, upTo } = found.clock;
        if (seen instanceof SeenApart) seen.settle(feeder, source, upTo);
        windows.told(found.clock, (seen?.offsetOf(feeder, source) ?? -1) < upTo, record);
        return;
      }
      if (found.mark) {
        if (seen && !seen.take(found.mark)) {
          uncounted.repeated++;
          return;
        }
        marks.push(found.mark);
        if (!input.ordered) windows.watermark.isActive(found.mark.partition);
      }
      const counted = repeats.find(record, found.mark ?? { topic: settings.topic, partition });
      if (counted === 'repeat') {
        uncounted.repeated++;
        return;
      }
      const missed = windows.take(found.event, record, found.key, found.time, found.source);
      repeats.add(counted);
      if (missed === undefined) return;
      uncounted.late++;
      if (settings.late) late.push(input.toItem(record, partition));
      else givenUp.push({ record, error: lateError(missed, found.time, windows.lateBy(missed)), reason: 'late' });
    } catch (error) {
      refuse(record, error);
    }
  };

  /** Nothing came for a while. False: another owner goes on. */
  const idle = async (): Promise<boolean> => {
    if (taken > 0) return step(read);
    const silentMs = now() - lastAt;
    const { idle: patience, disorder } = settings.plan;
    const silence = (windows.watermark.newest ?? Number.NEGATIVE_INFINITY) + silentMs - disorder;
    if (!input.marked && silentMs >= patience && windows.wouldSay(silence)) {
      // The end is asked for now: a process that was stopped for a while finds its time gone, and its events unread.
      const end = (await log.bounds(settings.topic))?.[partition]?.end ?? Number.POSITIVE_INFINITY;
      if (await hasReadTo(log, settings.topic, partition, read, end)) {
        windows.tick(silence);
        if (!(await apply([windows.clockChange()]))) return false;
        windows.sayTicked();
        return step(read);
      }
    }
    if (windows.hasUnsent && now() - flushedAt >= FLUSH_EVERY_MS) {
      flushedAt = now();
      windows.flush();
      await handOn();
    }
    if (now() - checkedAt < CHECK_EVERY_MS) return true;
    checkedAt = now();
    return (await store.position(scope, WINDOW_CONSUMER, partition)) === version;
  };

  if (windows.results.length > 0 && !(await step(begin))) return MOVED;
  const batches: AsyncIterator<ReadBatch> = readAhead(work, settings.topic, begin, observer, READ);
  for (let pending = quietly(batches.next()); ; ) {
    const turn = await within(world, pending, taken > 0 ? SOON_MS : LOOK_EVERY_MS, signal);
    if (turn === undefined) {
      if (!(await idle())) return MOVED;
      continue;
    }
    pending = quietly(batches.next());
    lastAt = now();
    const { records, next, bounds } = turn.value;
    for (const record of records) {
      take(record);
      if (windows.unsaved >= maxRows && !(await step(record.offset + 1))) return MOVED;
    }
    read = next;
    state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
    const more = next < bounds.end && taken < MAX_RECORDS && now() - stepAt < MAX_STEP_MS;
    if (!more && !(await step(next))) return MOVED;
  }
}
