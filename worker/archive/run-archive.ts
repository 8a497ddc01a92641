// Writes the events of a topic to files in the blob store, each to exactly one. The stage decides
// ranges, makes their files, and then moves on.
import { TenfoldError } from '../../core/errors.ts';
import { sleep, type World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { EventLog, LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Store } from '../../drivers/store/store.ts';
import { clockOf } from '../fold/clock-record.ts';
import { isPoison } from '../fold/poison.ts';
import { readAhead } from '../fold/read-ahead.ts';
import { noteChange, Seen, seenChanges } from '../fold/seen.ts';
import { SeenApart } from '../fold/seen-apart.ts';
import { markOf, type SourceMark } from '../fold/source-mark.ts';
import { type Stage, type StageObserver, type StageWork, startStage } from '../fold/stage.ts';
import type { ArchiveRow } from './archive-event.ts';
import { Gathering, type RollSettings } from './gathering.ts';
import { ARCHIVE_CONSUMER, type ArchiveLayout, archiveScopeOf, fileKeyOf } from './layout.ts';
import { noteFile } from './manifest.ts';
import { decideRange, findRanges, type Range } from './range.ts';
import { isNew, type RowMaker, readGroups, rowsOf } from './read-range.ts';
import { keepArchiveTidy } from './tidy-archive.ts';
import { writeRange } from './write-range.ts';

export interface ArchiveSettings extends RowMaker {
  readonly group: string;
  readonly topic: string;
  /** Whether a stage wrote the records of the topic, so that one may be there twice. */
  readonly marked: boolean;
  /** True where marks of one source may come in another order. */
  readonly unordered?: boolean;
  readonly layout: ArchiveLayout;
  readonly roll: RollSettings;
  /** Retention of files, milliseconds; undefined: for ever. */
  readonly retention: number | undefined;
  /**
   * The offset at which a partition begins that has no stored position. It answers the same
   * whenever it is asked.
   */
  begin(partition: number): Promise<number>;
  /**
   * Sets an unusable record aside. Resolves once that is durable; called at least once for each.
   */
  refused(partition: number, record: LogRecord, error: unknown): Promise<void>;
}

export type ArchiveStore = Pick<Store, 'apply' | 'position' | 'row' | 'scan' | 'server'>;

export interface ArchiveOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly store: ArchiveStore;
  readonly blobs: BlobStore;
  readonly settings: ArchiveSettings;
  readonly observer: StageObserver;
}

const MOVED = 'The position in the store is another one.';
const DECIDED = 'Another process has decided on the next files.';
/** How soon the stage notices a store that has lost its newest changes while no events come. */
const LOOK_EVERY_MS = 5_000;
/** How often the position follows where no events are archived. */
const SKIP_EVERY_MS = 1_000;

/**
 * The first record of a range in the blob store (`range.ts`) decides it. The owner makes the files
 * of exactly that range, under names that only that range has. Then one step in the store moves the
 * position and notes the files. A successor finds the range as it was decided and makes the same
 * files. So no crash, no second owner and no store that forgets its last second makes an event part
 * of two files.
 */
export async function startArchive(options: ArchiveOptions): Promise<Stage> {
  const { world, log, settings, observer } = options;
  const { group, topic } = settings;
  if ((await log.bounds(topic)) === undefined)
    throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  return startStage({ world, log, group, topic, observer, work: work => archive(options, work) });
}

async function archive(options: ArchiveOptions, work: StageWork): Promise<string> {
  const { world, log, store, blobs, settings, observer } = options;
  const { owned, state, totals } = work;
  const { layout, topic, roll } = settings;
  const { partition } = owned;
  const scope = archiveScopeOf(layout, partition);
  const ended = new AbortController();
  const signal = AbortSignal.any([work.signal, ended.signal]);
  const server = await store.server(scope);
  let position = await store.position(scope, ARCHIVE_CONSUMER, partition);
  let from = position ?? (await settings.begin(partition));
  const seen = settings.marked ? await (settings.unordered ? SeenApart : Seen).load(store, scope) : undefined;
  signal.throwIfAborted();
  // A store that failed over in between has lost what it knew of files, so nothing may be decided
  // from it.
  if (seen && seen.noted(ARCHIVE_CONSUMER) !== position) return MOVED;
  const decided = await findRanges(blobs, layout, partition, from);
  signal.throwIfAborted();
  const trouble = (error: unknown) => observer.trouble(partition, error);
  void keepArchiveTidy({ world, store, blobs, layout, partition, retention: settings.retention, signal, trouble });
  let before = seen?.copy();
  let marks: SourceMark[] = [];
  let gathering: Gathering | undefined;
  let movedAt = world.monotonic();
  state.position = from;

  const move = async (upTo: number, changes: readonly Change[]): Promise<string | undefined> => {
    signal.throwIfAborted();
    const fence = { consumer: ARCHIVE_CONSUMER, partition, after: position, upTo, server };
    const all = seen
      ? [
          ...changes,
          ...(seen instanceof SeenApart ? seen.changes() : seenChanges(marks)),
          noteChange(ARCHIVE_CONSUMER, upTo),
        ]
      : changes;
    if (!(await store.apply(scope, all, fence)).applied) return MOVED;
    position = upTo;
    from = upTo;
    before = seen?.copy();
    marks = [];
    gathering = undefined;
    movedAt = world.monotonic();
    state.position = upTo;
    owned.commit({ offset: upTo, metadata: '' }).catch(error => signal.aborted || trouble(error));
    return undefined;
  };

  /** Writes the gathered events below `to`. Returns the reason to end the work, or undefined. */
  const write = async ({ from: first, folders }: Gathering, to: number): Promise<string | undefined> => {
    const files = folders.map(folder => ({ folder, key: fileKeyOf(layout, folder, partition, first, to) }));
    const range: Range = { from: first, to, definition: layout.definition, files };
    if (!(await decideRange(blobs, layout, partition, range))) return DECIDED;
    const read = (wanted: (row: ArchiveRow) => boolean) =>
      readGroups({ log, topic, partition, from, to, seen: before?.copy(), make: settings, signal }, wanted);
    const written = await writeRange({ blobs, layout, range, read, signal });
    return move(to, written.map(noteFile));
  };

  const take = async (record: LogRecord): Promise<string | undefined> => {
    const { offset } = record;
    const clock = clockOf(record);
    if (clock) {
      if (seen instanceof SeenApart) seen.settle(clock.feeder, clock.source, clock.upTo);
      return undefined;
    }
    let rows: readonly ArchiveRow[] = [];
    let failure: unknown;
    try {
      rows = rowsOf(record, partition, settings);
    } catch (error) {
      if (!isPoison(error)) throw error;
      failure = error;
    }
    if (gathering?.endsBefore(offset, rows)) {
      const why = await write(gathering, gathering.limit ?? offset);
      if (why !== undefined) return why;
    }
    if (!isNew(record, seen)) {
      totals.repeated++;
      return undefined;
    }
    const mark = markOf(record);
    if (mark) marks.push(mark);
    totals.handled++;
    if (failure !== undefined) {
      await settings.refused(partition, record, failure);
      totals.refused++;
      observer.refused(partition, record, failure);
    }
    if (rows.length === 0) return undefined;
    gathering ??= new Gathering({
      from: offset,
      limit: decided.get(offset),
      ageMs: world.now() - record.timestamp,
      partitionBy: layout.partitionBy,
      now: world.monotonic(),
    });
    gathering.add(rows);
    state.newestMs = record.timestamp;
    return gathering.isLarge(roll) ? write(gathering, offset + 1) : undefined;
  };

  const input = readAhead({ ...work, signal }, topic, from, observer);
  let next = from;
  /** Decides what to do when nothing comes for a while, or when the last records were taken. */
  const look = async (): Promise<string | undefined> => {
    const caughtUp = next >= (state.end ?? 0);
    if (gathering?.isDue(roll, next, world.monotonic(), caughtUp)) return write(gathering, gathering.limit ?? next);
    const idle = world.monotonic() - movedAt;
    if (gathering === undefined && next > from && idle >= SKIP_EVERY_MS) return move(next, []);
    return undefined;
  };

  try {
    for (let pending = input.next(); ; ) {
      const dueMs =
        gathering && gathering.limit === undefined ? gathering.dueAt(roll, true) - world.monotonic() : undefined;
      const batch = await within(world, pending, Math.min(Math.max(dueMs ?? LOOK_EVERY_MS, 1), LOOK_EVERY_MS), signal);
      if (batch) {
        pending = input.next();
        pending.catch(() => undefined);
        for (const record of batch.value.records) {
          const why = await take(record);
          if (why !== undefined) return why;
        }
        next = batch.value.next;
        state.trouble = undefined;
      } else if ((await store.position(scope, ARCHIVE_CONSUMER, partition)) !== position) return MOVED;
      const why = await look();
      if (why !== undefined) return why;
    }
  } finally {
    ended.abort(new Error('The work has ended.'));
  }
}

/** Undefined when the file is not there after this long. */
async function within<T>(world: World, pending: Promise<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  const over = new AbortController();
  const late = sleep(world, ms, AbortSignal.any([signal, over.signal])).then(
    () => undefined,
    () => undefined,
  );
  try {
    const first = await Promise.race([pending, late]);
    signal.throwIfAborted();
    return first;
  } finally {
    over.abort();
  }
}
