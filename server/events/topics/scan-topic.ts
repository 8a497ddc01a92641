// Looks through a topic for events, all partitions together in the order of time, as far as one
// request may go.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ScanReport, TopicEvent, TopicEventPage, UndecidedEvents } from '../../../admin/topic-view.ts';
import type { World } from '../../../core/world.ts';
import { offsetDistance } from '../../../drivers/event-log/epochs.ts';
import type { EventLog, LogRecord, ReadBatch } from '../../../drivers/event-log/event-log.ts';
import type { RecordMasker } from '../masking/mask-record.ts';
import { encodePosition, type Place, type ScanPosition } from './scan-position.ts';
import type { Selects } from './select-events.ts';
import { toTopicEvent } from './topic-event.ts';
import { remaining } from './topic-places.ts';

/** The bounds of one request. It always gets on, by at least one record. */
export interface ScanBudget {
  readonly records: number;
  /** Bytes of records that are read, and bytes of data that are shown. */
  readonly bytes: number;
  readonly shownBytes: number;
  readonly ms: number;
}

export interface ScanRequest {
  readonly world: Pick<World, 'monotonic'>;
  readonly log: Pick<EventLog, 'read'>;
  /** In the log. */
  readonly topic: string;
  readonly from: ScanPosition;
  readonly selects: Selects;
  /** The masker of a Topic whose schema has sensitive fields. */
  readonly mask: RecordMasker | undefined;
  readonly limit: number;
  readonly dataBytes: number;
  readonly budget: ScanBudget;
  readonly signal: AbortSignal;
}

export interface Scanned {
  readonly events: readonly TopicEvent[];
  readonly ended: TopicEventPage['ended'];
  readonly position: ScanPosition;
  readonly scanned: number;
  readonly expired: number;
  readonly undecided: UndecidedEvents | undefined;
}

/** Reads under way at a time. */
const READS_AT_ONCE = 8;
const MAX_RECORDS = 1000;
/** Bytes of the first read of each partition, which all share, and of later ones. */
const FIRST_READS = 2 << 20;
const LATER_READS = 8 << 20;
const MIN_READ = 4 << 10;
const MAX_READ = 512 << 10;
/** A filter may take long: all else in the process has its turns after each such slice. */
const SLICE_MS = 20;

interface Hit {
  readonly timestamp: number;
  readonly event: TopicEvent;
}

/** One partition; what was found of it and waits for its turn. */
interface Lane {
  readonly partition: number;
  end: number;
  /** All before it was looked at. */
  through: number;
  hits: Hit[];
  /** Offsets that the filter could not decide about, and why it could not about the first. */
  undecided: number[];
  whyUndecided: string;
  readBytes: number;
}

export async function scanTopic(request: ScanRequest): Promise<Scanned> {
  return new TopicScan(request).run();
}

/**
 * Events come in the order in which they were appended. Partitions whose next event is not found
 * when the request has taken enough do not hold up what was found of the others.
 */
class TopicScan {
  readonly #request: ScanRequest;
  readonly #lanes: readonly Lane[];
  readonly #deadline: number;
  #sliceEnd: number;
  readonly #events: TopicEvent[] = [];
  #shownBytes = 0;
  #scanned = 0;
  #readBytes = 0;
  #expired = 0;

  constructor(request: ScanRequest) {
    this.#request = request;
    const { places } = request.from;
    const readBytes = clamp(FIRST_READS / Math.max(1, places.length), MIN_READ, MAX_READ);
    this.#lanes = places.map(({ partition, next, end }) => {
      return { partition, end, through: next, hits: [], undecided: [], whyUndecided: '', readBytes };
    });
    const now = request.world.monotonic();
    this.#deadline = now + request.budget.ms;
    this.#sliceEnd = now + SLICE_MS;
  }

  async run(): Promise<Scanned> {
    for (;;) {
      const bound = this.#emit(false);
      if (bound !== undefined) return this.#end(bound);
      const unknown = this.#lanes.filter(isUnknown);
      if (unknown.length === 0) return this.#end('end');
      const spent = this.#spent();
      if (spent !== undefined) return this.#end(this.#emit(true) ?? spent);
      await this.#read(unknown);
    }
  }

  /** The bound that the request has reached. */
  #spent(): 'records' | 'bytes' | 'time' | undefined {
    const { budget, world } = this.#request;
    if (this.#scanned === 0) return undefined;
    if (this.#scanned >= budget.records) return 'records';
    if (this.#readBytes >= budget.bytes) return 'bytes';
    return world.monotonic() >= this.#deadline ? 'time' : undefined;
  }

  /**
   * Takes what was found, the oldest first, as long as nothing older may come; `rest`: whatever was
   * found. Answers with the bound that it has met.
   */
  #emit(rest: boolean): 'limit' | 'bytes' | undefined {
    const { limit, budget } = this.#request;
    while (rest || !this.#lanes.some(isUnknown)) {
      const hit = oldest(this.#lanes)?.hits.shift();
      if (hit === undefined) return undefined;
      this.#events.push(hit.event);
      this.#shownBytes += Math.min(hit.event.bytes, this.#request.dataBytes);
      const isEnough = this.#events.length >= limit || this.#shownBytes >= budget.shownBytes;
      const isMore = this.#lanes.some(lane => lane.hits.length > 0 || isUnknown(lane));
      if (isEnough && isMore) return this.#events.length >= limit ? 'limit' : 'bytes';
    }
    return undefined;
  }

  async #read(unknown: readonly Lane[]): Promise<void> {
    const { log, topic, signal } = this.#request;
    for (let at = 0; at < unknown.length; at += READS_AT_ONCE) {
      const those = unknown.slice(at, at + READS_AT_ONCE);
      signal.throwIfAborted();
      const batches = await Promise.all(
        those.map(({ partition, through, readBytes }) => {
          return log.read(topic, partition, through, { maxRecords: MAX_RECORDS, maxBytes: readBytes });
        }),
      );
      for (const [index, lane] of those.entries()) {
        const batch = batches[index];
        if (batch) await this.#take(lane, batch);
      }
      if (this.#spent() !== undefined) return;
    }
  }

  async #take(lane: Lane, { records, next, bounds }: ReadBatch): Promise<void> {
    lane.readBytes = clamp(Math.min(lane.readBytes * 2, LATER_READS / this.#lanes.length), MIN_READ, MAX_READ);
    if (bounds.start > lane.through) {
      this.#expired += offsetDistance(lane.through, Math.min(bounds.start, lane.end));
      lane.through = bounds.start;
    }
    for (const record of records) {
      if (record.offset >= lane.end) {
        lane.through = Math.max(lane.through, lane.end);
        return;
      }
      this.#look(lane, record);
      lane.through = record.offset + 1;
      if (this.#spent() !== undefined) return;
      if (this.#request.world.monotonic() >= this.#sliceEnd) await this.#giveWay();
    }
    if (next > lane.through) lane.through = Math.min(next, Math.max(lane.end, lane.through));
    // Below the end there may be offsets that hold nothing, which reading never gets past.
    else if (records.length === 0) lane.end = lane.through;
  }

  async #giveWay(): Promise<void> {
    const { world, signal } = this.#request;
    await nextTurn();
    signal.throwIfAborted();
    this.#sliceEnd = world.monotonic() + SLICE_MS;
  }

  #look(lane: Lane, record: LogRecord): void {
    const { selects, mask, dataBytes } = this.#request;
    this.#scanned++;
    this.#readBytes += record.value.byteLength;
    try {
      if (!selects(record)) return;
    } catch (error) {
      if (lane.undecided.length === 0) lane.whyUndecided = error instanceof Error ? error.message : String(error);
      lane.undecided.push(record.offset);
      return;
    }
    lane.hits.push({ timestamp: record.timestamp, event: toTopicEvent(record, lane.partition, dataBytes, mask) });
  }

  #end(ended: Scanned['ended']): Scanned {
    const { total, all } = this.#request.from;
    const places: Place[] = this.#lanes.map(lane => {
      const next = nextOf(lane);
      return { partition: lane.partition, next, end: Math.max(next, lane.end) };
    });
    return {
      events: this.#events,
      ended,
      position: { places, total, all },
      scanned: this.#scanned,
      expired: this.#expired,
      undecided: undecidedOf(this.#lanes),
    };
  }
}

/** The first offset that the answer has not passed: what waits for its turn comes again. */
function nextOf({ hits, through }: Lane): number {
  return hits[0]?.event.offset ?? through;
}

function undecidedOf(lanes: readonly Lane[]): UndecidedEvents | undefined {
  let found: UndecidedEvents | undefined;
  for (const lane of lanes) {
    const passed = lane.undecided.filter(offset => offset < nextOf(lane));
    if (passed.length === 0) continue;
    found = {
      count: (found?.count ?? 0) + passed.length,
      first: found?.first ?? `${lane.partition}-${passed[0]}`,
      message: found?.message ?? lane.whyUndecided,
    };
  }
  return found;
}

/** Its next event is not known, and there may be one. */
function isUnknown({ hits, through, end }: Lane): boolean {
  return hits.length === 0 && through < end;
}

function oldest(lanes: readonly Lane[]): Lane | undefined {
  let found: Lane | undefined;
  let time = Number.POSITIVE_INFINITY;
  for (const lane of lanes) {
    const [first] = lane.hits;
    if (first === undefined || first.timestamp >= time) continue;
    found = lane;
    time = first.timestamp;
  }
  return found;
}

function clamp(value: number, least: number, most: number): number {
  return Math.floor(Math.min(Math.max(value, least), most));
}

export function reportOf(
  topic: string,
  { position, scanned, expired, undecided }: Pick<Scanned, 'position' | 'scanned' | 'expired' | 'undecided'>,
): ScanReport {
  const { total, places } = position;
  return {
    position: encodePosition(topic, position),
    progress: { done: Math.max(0, total - remaining(places)), total },
    scanned,
    ...(expired === 0 ? {} : { expired }),
    ...(undecided === undefined ? {} : { undecided }),
  };
}
