// A bounded search of the log from a time on, for the records that an event has led to. It never
// stops in silence: what it has not read is kept with the time at which to go on.
import { isDeepStrictEqual } from 'node:util';
import type { StoryPlace, StoryUnread } from '../../../admin/story-view.ts';
import { mapAtOnce } from '../../../core/map-at-once.ts';
import { toTimestamp } from '../../../core/world.ts';
import {
  type Bounds,
  COPY_BYTES,
  type EventLog,
  type LogRecord,
  type ReadLimits,
} from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';

export interface ScanLimits {
  /** For the whole search, over all topics. */
  readonly records: number;
  readonly bytes: number;
}

/** `skip`: not this one. `found`, and go on. `past`: nothing that is looked for comes any more. */
export type Verdict = 'skip' | 'found' | 'past';

export interface SearchedPart {
  readonly found: readonly LogRecord[];
  /** False where the search ran into its limits. */
  readonly isWhole: boolean;
  /** Records that the search began behind may have been deleted: they were at its beginning. */
  readonly isTrimmed: boolean;
}

/** A partition with its bounds, and the offset at which a search of it begins. */
export interface ScannedPart extends Bounds {
  readonly topic: string;
  readonly of: StoryPlace;
  readonly partition: number;
  readonly begin: number;
}

/** How far the search of a part has come. */
export interface PartReading {
  readonly part: ScannedPart;
  judge(record: LogRecord): Verdict;
  /** The offset at which it goes on. */
  at: number;
  /** They hold for the next step. */
  limits: ReadLimits;
  isOver: boolean;
  /** The time of the first record that the limits of the search leave unread. */
  unreadFrom: number | undefined;
}

/** A partition that is searched backwards. */
interface BackPart {
  readonly partition: number;
  readonly start: number;
  /** The offset before which it goes on; undefined: that of the time. */
  before: number | undefined;
  /** The records of the next step. */
  records: number;
  /** The mean length of the records of the step before. */
  size: number;
  /** The time of the oldest record that was read; all behind it were read, too. */
  oldest: number | undefined;
}

/** Partitions may stand on machines whose clocks differ so much. */
export const CLOCKS_DIFFER_MS = 10_000;
/** Questions to the log. */
const PARTS_AT_ONCE = 8;
/** The first step is small, as a search mostly ends near its beginning. */
const FIRST_STEP: ReadLimits = { maxRecords: 250, maxBytes: 64 * 1024 };
const STEP_GROWTH = 4;
const MOST_STEP: ReadLimits = { maxRecords: 4_000, maxBytes: 1024 * 1024 };
/** The first step back is read whole, whatever the limits say, so it is very small. */
const FIRST_BACK = 4;
const BACK_GROWTH = 8;
const LIMITS: ScanLimits = { records: 100_000, bytes: 64 * 1024 * 1024 };

export class LogScan {
  /** Places at which the search stopped before the end. */
  readonly unread: StoryUnread[] = [];
  readonly #log: Pick<EventLog, 'bounds' | 'offsetAt' | 'read'>;
  readonly #signal: AbortSignal;
  #records: number;
  #bytes: number;

  constructor(log: Pick<EventLog, 'bounds' | 'offsetAt' | 'read'>, signal: AbortSignal, limits = LIMITS) {
    this.#log = log;
    this.#signal = signal;
    this.#records = limits.records;
    this.#bytes = limits.bytes;
  }

  /**
   * Goes back through a topic from a time on, in all partitions side by side and in that of the key
   * first. Resolves with the first record that is meant.
   */
  async back(
    topic: string,
    of: StoryPlace,
    { until, key }: { readonly until: number; readonly key: string | null },
    isMeant: (record: LogRecord, partition: number) => boolean,
  ): Promise<{ readonly partition: number; readonly record: LogRecord } | undefined> {
    const bounds = await this.bounds(topic);
    const all = bounds.map(
      ({ start }, partition): BackPart => ({
        partition,
        start,
        before: undefined,
        records: FIRST_BACK,
        size: 0,
        oldest: undefined,
      }),
    );
    const likely = key === null ? -1 : partitionOf(key, Math.max(1, bounds.length));
    const unread: StoryUnread[] = [];
    for (let open = all.filter(({ partition }) => partition === likely), isFirst = true; ; isFirst = false) {
      const share = { records: this.#records / open.length, bytes: this.#bytes / open.length };
      const found = await mapAtOnce(open, PARTS_AT_ONCE, part => this.#stepBack(topic, part, until, share, isMeant));
      for (const [index, part] of open.entries()) {
        const record = found[index];
        if (record) return { partition: part.partition, record };
        if (part.before === part.start || !this.#isSpent) continue;
        unread.push({ of, partition: part.partition, at: toTimestamp(part.oldest ?? until) });
        part.before = part.start;
      }
      open = (isFirst ? all : open).filter(({ before, start }) => before !== start);
      if (open.length === 0) break;
    }
    this.unread.push(...unread);
    return undefined;
  }

  /**
   * Resolves with the newest record of the step that is meant. A step that the limits end counts as
   * not read, as it goes from its oldest record on.
   */
  async #stepBack(
    topic: string,
    part: BackPart,
    until: number,
    share: ScanLimits,
    isMeant: (record: LogRecord, partition: number) => boolean,
  ): Promise<LogRecord | undefined> {
    this.#signal.throwIfAborted();
    const { partition, start, oldest } = part;
    const isFirst = oldest === undefined;
    const before = part.before ?? (await this.#log.offsetAt(topic, partition, until));
    const most = Math.floor(Math.min(part.records, share.records, share.bytes / Math.max(1, part.size)));
    const from = Math.max(start, before - Math.max(1, most));
    let bytes = 0;
    let first: number | undefined;
    let meant: LogRecord | undefined;
    reading: for (let at = from; at < before; ) {
      if (!isFirst && this.#isSpent) return meant;
      const limits = { maxBytes: COPY_BYTES, maxRecords: before - at };
      const { records, next } = await this.#log.read(topic, partition, at, limits);
      for (const record of records) {
        if (record.offset >= before) break reading;
        if (!isFirst && this.#isSpent) return meant;
        this.#take(record);
        bytes += record.value.length;
        first ??= record.timestamp;
        if (isMeant(record, partition)) meant = record;
      }
      if (next <= at) break;
      at = next;
    }
    part.before = from;
    part.oldest = first ?? oldest;
    part.size = bytes / (before - from);
    part.records = Math.min(part.records * BACK_GROWTH, MOST_STEP.maxRecords);
    return meant;
  }

  /** The partitions of a topic; none where there is no such topic. */
  async bounds(topic: string): Promise<readonly Bounds[]> {
    return (await this.#log.bounds(topic)) ?? [];
  }

  /** The offsets of partitions at a time, asked for at once. */
  begins(parts: readonly Pick<ScannedPart, 'topic' | 'partition'>[], since: number): Promise<readonly number[]> {
    return mapAtOnce(parts, PARTS_AT_ONCE, each => this.#log.offsetAt(each.topic, each.partition, Math.max(0, since)));
  }

  /** The records of one partition from `since` on, up to its end now. `of`: whose topic it is. */
  async partition(
    topic: string,
    of: StoryPlace,
    partition: number,
    since: number,
    judge: (record: LogRecord) => Verdict,
  ): Promise<SearchedPart> {
    const bounds = (await this.bounds(topic))[partition];
    if (bounds === undefined) return { found: [], isWhole: true, isTrimmed: false };
    const [begin = 0] = await this.begins([{ topic, partition }], since);
    const found: LogRecord[] = [];
    const reading = this.reading({ topic, of, partition, begin, ...bounds }, record => {
      const verdict = judge(record);
      if (verdict === 'found') found.push(record);
      return verdict;
    });
    while (!reading.isOver) await this.readOn([reading]);
    this.leaveUnread([reading]);
    const isWhole = reading.unreadFrom === undefined;
    return { found, isWhole, isTrimmed: bounds.start > 0 && begin <= bounds.start };
  }

  reading(part: ScannedPart, judge: (record: LogRecord) => Verdict): PartReading {
    const at = Math.max(part.begin, part.start);
    return { part, judge, at, limits: FIRST_STEP, isOver: at >= part.end, unreadFrom: undefined };
  }

  /**
   * Reads one step further in each, a few at a time. Each has its share of what may be read, and
   * `more` others have theirs later.
   */
  async readOn(
    readings: readonly PartReading[],
    isWanted: (reading: PartReading) => boolean = () => true,
    more = 0,
  ): Promise<void> {
    const share = Math.max(1, Math.floor(this.#records / Math.max(1, readings.length + more)));
    await mapAtOnce(readings, PARTS_AT_ONCE, async reading => {
      if (!isWanted(reading)) reading.isOver = true;
      if (!reading.isOver) await this.#step(reading, share);
    });
  }

  /** Keeps a part of the limits for a later search; the function gives it back. */
  keep(part: number): () => void {
    const records = Math.floor(this.#records * part);
    const bytes = Math.floor(this.#bytes * part);
    this.#records -= records;
    this.#bytes -= bytes;
    return () => {
      this.#records = Math.max(0, this.#records) + records;
      this.#bytes = Math.max(0, this.#bytes) + bytes;
    };
  }

  /** Keeps what the limits have left of them, of each partition the earliest. */
  leaveUnread(readings: readonly PartReading[]): void {
    for (const { part, unreadFrom } of readings) {
      if (unreadFrom === undefined) continue;
      const { of, partition } = part;
      const at = toTimestamp(unreadFrom);
      const known = this.unread.findIndex(each => each.partition === partition && isDeepStrictEqual(each.of, of));
      const one = this.unread[known];
      if (one === undefined) this.unread.push({ of, partition, at });
      else if (unreadFrom < Date.parse(one.at)) this.unread[known] = { ...one, at };
    }
  }

  async #step(reading: PartReading, share: number): Promise<void> {
    const { part, judge, at, limits } = reading;
    this.#signal.throwIfAborted();
    const asked = { ...limits, maxRecords: Math.min(share, limits.maxRecords) };
    const { records, next } = await this.#log.read(part.topic, part.partition, at, asked);
    reading.at = next;
    reading.isOver = next <= at || next >= part.end;
    reading.limits = grown(limits);
    for (const record of records) {
      if (record.offset >= part.end) break;
      if (this.#isSpent) {
        reading.unreadFrom = record.timestamp;
        reading.isOver = true;
        return;
      }
      this.#take(record);
      if (judge(record) !== 'past') continue;
      reading.isOver = true;
      return;
    }
  }

  get #isSpent(): boolean {
    return this.#records <= 0 || this.#bytes <= 0;
  }

  #take({ value }: LogRecord): void {
    this.#records--;
    this.#bytes -= value.length;
  }
}

function grown({ maxRecords, maxBytes }: ReadLimits): ReadLimits {
  return {
    maxRecords: Math.min(maxRecords * STEP_GROWTH, MOST_STEP.maxRecords),
    maxBytes: Math.min(maxBytes * STEP_GROWTH, MOST_STEP.maxBytes),
  };
}
