// Writes the events of a topic to files in the blob store, each to exactly one. The stage decides
// ranges, makes their files, and then moves on.
import type { World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { EventLog, LogRecord, ReadBatch } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Store } from '../../drivers/store/store.ts';
import { clockOf } from '../fold/clock-record.ts';
import { LogPosition } from '../fold/log-position.ts';
import { type Operator, startOperator } from '../fold/operator.ts';
import { isPoison } from '../fold/poison.ts';
import { noteChange, Seen, seenChanges } from '../fold/seen.ts';
import { SeenApart } from '../fold/seen-apart.ts';
import { markOf, type SourceMark } from '../fold/source-mark.ts';
import type { Stage, StageObserver, StageWork } from '../fold/stage.ts';
import { MOVED, StoredPosition } from '../fold/stored-position.ts';
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
  return startOperator({ world, log, group, topic, observer, start: work => startPartition(options, work) });
}

async function startPartition(options: ArchiveOptions, work: StageWork): Promise<Operator | string> {
  const { world, store, blobs, settings, observer } = options;
  const { layout, retention } = settings;
  const { partition } = work.owned;
  const { signal } = work;
  const scope = archiveScopeOf(layout, partition);
  const position = await StoredPosition.load({ store, scope, consumer: ARCHIVE_CONSUMER, partition });
  const from = position.value ?? (await settings.begin(partition));
  const seen = settings.marked ? await (settings.unordered ? SeenApart : Seen).load(store, scope) : undefined;
  signal.throwIfAborted();
  // A store that failed over in between has lost what it knew of files, so nothing may be decided
  // from it.
  if (seen && seen.noted(ARCHIVE_CONSUMER) !== position.value) return MOVED;
  const decided = await findRanges(blobs, layout, partition, from);
  signal.throwIfAborted();
  const trouble = (error: unknown) => observer.trouble(partition, error);
  void keepArchiveTidy({ world, store, blobs, layout, partition, retention, signal, trouble });
  return new PartitionArchive(options, work, { position, from, seen, decided });
}

interface Loaded {
  readonly position: StoredPosition;
  readonly from: number;
  /** Undefined where no record can be there twice. */
  readonly seen: Seen | SeenApart | undefined;
  /** Ends of ranges that were decided and are not written yet, by their beginnings. */
  readonly decided: ReadonlyMap<number, number>;
}

class PartitionArchive implements Operator {
  readonly from: number;
  readonly #options: ArchiveOptions;
  readonly #work: StageWork;
  readonly #position: StoredPosition;
  readonly #logPosition: LogPosition;
  readonly #seen: Seen | SeenApart | undefined;
  readonly #decided: ReadonlyMap<number, number>;
  /** The ids that had been seen at the position. */
  #before: Seen | SeenApart | undefined;
  /** The records taken since then. */
  #marks: SourceMark[] = [];
  #gathering: Gathering | undefined;
  #next: number;
  #movedAt: number;

  constructor(options: ArchiveOptions, work: StageWork, { position, from, seen, decided }: Loaded) {
    const { world, observer } = options;
    this.from = from;
    this.#options = options;
    this.#work = work;
    this.#position = position;
    this.#logPosition = new LogPosition({ world, observer, work, stored: position.value, everyMs: 0 });
    this.#seen = seen;
    this.#decided = decided;
    this.#before = seen?.copy();
    this.#next = from;
    this.#movedAt = world.monotonic();
  }

  patienceMs(): number {
    const { world, settings } = this.#options;
    const gathering = this.#gathering;
    if (gathering === undefined || gathering.limit !== undefined) return LOOK_EVERY_MS;
    const dueMs = gathering.dueAt(settings.roll, true) - world.monotonic();
    return Math.min(Math.max(dueMs, 1), LOOK_EVERY_MS);
  }

  async records({ records, next }: ReadBatch): Promise<string | undefined> {
    for (const record of records) {
      const why = await this.#take(record);
      if (why !== undefined) return why;
    }
    this.#next = next;
    this.#work.state.trouble = undefined;
    return this.#look();
  }

  async idle(): Promise<string | undefined> {
    if (!(await this.#position.isStored())) return MOVED;
    this.#logPosition.catchUp();
    return this.#look();
  }

  /** Decides what to do when nothing comes for a while, or when the last records were taken. */
  async #look(): Promise<string | undefined> {
    const { world, settings } = this.#options;
    const next = this.#next;
    const gathering = this.#gathering;
    const caughtUp = next >= (this.#work.state.end ?? 0);
    if (gathering?.isDue(settings.roll, next, world.monotonic(), caughtUp))
      return this.#write(gathering, gathering.limit ?? next);
    const idleMs = world.monotonic() - this.#movedAt;
    if (gathering === undefined && next > this.#start && idleMs >= SKIP_EVERY_MS) return this.#move(next, []);
    return undefined;
  }

  async #take(record: LogRecord): Promise<string | undefined> {
    const { settings } = this.#options;
    const seen = this.#seen;
    const clock = clockOf(record);
    if (clock) {
      if (seen instanceof SeenApart) seen.settle(clock.feeder, clock.source, clock.upTo);
      return undefined;
    }
    let rows: readonly ArchiveRow[] = [];
    let failure: unknown;
    try {
      rows = rowsOf(record, this.#work.owned.partition, settings);
    } catch (error) {
      if (!isPoison(error)) throw error;
      failure = error;
    }
    if (this.#gathering?.endsBefore(record.offset, rows)) {
      const why = await this.#write(this.#gathering, this.#gathering.limit ?? record.offset);
      if (why !== undefined) return why;
    }
    if (!isNew(record, seen)) {
      this.#work.totals.repeated++;
      return undefined;
    }
    const mark = markOf(record);
    if (mark) this.#marks.push(mark);
    this.#work.totals.handled++;
    if (failure !== undefined) await this.#refuse(record, failure);
    return rows.length === 0 ? undefined : this.#gather(record, rows);
  }

  async #gather({ offset, timestamp }: LogRecord, rows: readonly ArchiveRow[]): Promise<string | undefined> {
    const { world, settings } = this.#options;
    this.#gathering ??= new Gathering({
      from: offset,
      limit: this.#decided.get(offset),
      ageMs: world.now() - timestamp,
      partitionBy: settings.layout.partitionBy,
      now: world.monotonic(),
    });
    const gathering = this.#gathering;
    gathering.add(rows);
    this.#work.state.newestMs = timestamp;
    return gathering.isLarge(settings.roll) ? this.#write(gathering, offset + 1) : undefined;
  }

  async #refuse(record: LogRecord, failure: unknown): Promise<void> {
    const { settings, observer } = this.#options;
    const { owned, totals } = this.#work;
    await settings.refused(owned.partition, record, failure);
    totals.refused++;
    observer.refused(owned.partition, record, failure);
  }

  /** Writes the gathered events below `to`. Returns the reason to end the work, or undefined. */
  async #write({ from: first, folders }: Gathering, to: number): Promise<string | undefined> {
    const { log, blobs, settings } = this.#options;
    const { layout, topic } = settings;
    const { owned, signal } = this.#work;
    const { partition } = owned;
    const files = folders.map(folder => ({ folder, key: fileKeyOf(layout, folder, partition, first, to) }));
    const range: Range = { from: first, to, definition: layout.definition, files };
    if (!(await decideRange(blobs, layout, partition, range))) return DECIDED;
    const from = this.#start;
    const read = (wanted: (row: ArchiveRow) => boolean) =>
      readGroups({ log, topic, partition, from, to, seen: this.#before?.copy(), make: settings, signal }, wanted);
    const written = await writeRange({ blobs, layout, range, read, signal });
    return this.#move(to, written.map(noteFile));
  }

  async #move(upTo: number, changes: readonly Change[]): Promise<string | undefined> {
    const { signal, state } = this.#work;
    const seen = this.#seen;
    signal.throwIfAborted();
    const seenNow = seen instanceof SeenApart ? seen.changes() : seenChanges(this.#marks);
    const all = seen ? [...changes, ...seenNow, noteChange(ARCHIVE_CONSUMER, upTo)] : changes;
    if (!(await this.#position.move(all, upTo))) return MOVED;
    this.#before = seen?.copy();
    this.#marks = [];
    this.#gathering = undefined;
    this.#movedAt = this.#options.world.monotonic();
    state.position = upTo;
    this.#logPosition.follow(upTo);
    return undefined;
  }

  /** The offset behind the last events that are in files, or need none. */
  get #start(): number {
    return this.#position.value ?? this.from;
  }
}
