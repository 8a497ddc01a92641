// Looks for records in a topic from the newest back, all partitions beside each other, as far as
// one request may go. An index says which parts need not be read.
import type { World } from '../../../core/world.ts';
import type { EventIndex, EventsRead, IndexedField, Narrowed, Span } from '../../../drivers/event-index/event-index.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Place } from '../topics/scan-position.ts';

/** The bounds of one request, for all topics together. It always gets on, by one step at least. */
export interface FindBudget {
  records: number;
  /** The bytes of the records that are read. */
  bytes: number;
  readonly deadline: number;
}

export interface TopicSearch {
  readonly world: Pick<World, 'monotonic'>;
  readonly log: Pick<EventLog, 'read'>;
  readonly index: EventIndex | undefined;
  /** In the log. */
  readonly topic: string;
  readonly field: IndexedField;
  readonly value: string;
  matches(record: LogRecord): boolean;
  /** The search looks through each place from its `end` back to its `next`. */
  readonly places: readonly Place[];
  readonly limit: number;
  readonly budget: FindBudget;
  readonly signal: AbortSignal;
}

export interface Hit {
  readonly partition: number;
  readonly record: LogRecord;
}

export interface TopicFinds {
  /** The newest first. */
  readonly hits: readonly Hit[];
  readonly ended: 'end' | 'limit' | 'records' | 'bytes' | 'time';
  /** The places that it has not looked through. */
  readonly rest: readonly Place[];
  readonly scanned: number;
  readonly unindexed: number;
}

/** Partitions that are read beside each other. */
const LANES_AT_ONCE = 8;
/** An index may tell many short parts. */
const SPANS_AT_ONCE = 16;
/** A part that is read in one go is so long at first, offsets; then about so large, bytes. */
const FIRST_PIECE = 32;
/** An index says what to read in blocks, of 500 records at most. */
const FIRST_INDEXED_PIECE = 512;
const LONGEST_PIECE = 4096;
const PIECE_BYTES = 1 << 20;
const READ = { maxRecords: 500, maxBytes: 512 << 10 };
/** An event without its data, and the data of events that nobody has seen yet, bytes. */
const HEAD_BYTES = 256;
const LIKELY_BYTES = 256;

/** One partition. */
interface Lane {
  readonly partition: number;
  readonly start: number;
  /** All from here on was looked at. */
  end: number;
  /** The answer of the index about the part from `narrowedTo` to `end`, the newest first. */
  spans: Span[];
  narrowedTo: number;
  /** The newest first. */
  readonly hits: LogRecord[];
}

export async function findInTopic(search: TopicSearch): Promise<TopicFinds> {
  return new TopicFinder(search).run();
}

class TopicFinder {
  readonly #search: TopicSearch;
  readonly #lanes: readonly Lane[];
  #piece: number;
  /** Each request gets on: in this lane, whatever its bounds are. */
  #first: Lane | undefined;
  #hasMoved = false;
  #scanned = 0;
  #bytes = 0;
  #unindexed = 0;

  constructor(search: TopicSearch) {
    this.#search = search;
    this.#piece = search.index === undefined ? FIRST_PIECE : FIRST_INDEXED_PIECE;
    this.#lanes = search.places.map(({ partition, next, end }) => {
      return { partition, start: next, end, spans: [], narrowedTo: end, hits: [] };
    });
  }

  async run(): Promise<TopicFinds> {
    const left = this.#lanes.values();
    const work = async () => {
      for (const lane of left) await this.#lookThrough(lane);
    };
    await Promise.all(Array.from({ length: LANES_AT_ONCE }, work));
    const hits = this.#newest();
    const rest = this.#lanes.flatMap(({ partition, start, end, hits: [kept] }) => {
      const below = kept === undefined ? end : kept.offset + 1;
      return start < below ? [{ partition, next: start, end: below }] : [];
    });
    const ended = rest.length === 0 ? 'end' : hits.length >= this.#search.limit ? 'limit' : (this.#spent() ?? 'time');
    return { hits, ended, rest, scanned: this.#scanned, unindexed: this.#unindexed };
  }

  async #lookThrough(lane: Lane): Promise<void> {
    const { limit, signal } = this.#search;
    while (lane.end > lane.start && lane.hits.length < limit) {
      signal.throwIfAborted();
      this.#first ??= lane;
      if ((this.#hasMoved || this.#first !== lane) && this.#spent() !== undefined) return;
      const pieces = this.#nextPieces(lane);
      const last = pieces.at(-1);
      if (last === undefined) {
        this.#moveTo(lane, Math.min(lane.end, lane.narrowedTo));
        if (lane.end > lane.start) await this.#narrow(lane);
        continue;
      }
      const read = await Promise.all(pieces.map(piece => this.#read(lane.partition, piece)));
      lane.hits.push(...read.flat());
      this.#grow();
      this.#moveTo(lane, last.start);
    }
  }

  /** As many offsets as one piece has; none when the index has told nothing that must be read. */
  #nextPieces(lane: Lane): Span[] {
    const pieces: Span[] = [];
    const { records, bytes } = this.#search.budget;
    const most = Math.max(1, Math.min(this.#piece, records, this.#recordsIn(bytes)));
    for (let left = most; left > 0 && pieces.length < SPANS_AT_ONCE; ) {
      const span = lane.spans.shift();
      if (span === undefined) break;
      const start = Math.max(span.start, span.end - left);
      if (start > span.start) lane.spans.unshift({ start: span.start, end: start });
      pieces.push({ start, end: span.end });
      left -= span.end - start;
    }
    return pieces;
  }

  #grow(): void {
    this.#piece = Math.max(1, Math.min(LONGEST_PIECE, this.#piece * 2, this.#recordsIn(PIECE_BYTES)));
  }

  #moveTo(lane: Lane, end: number): void {
    if (end < lane.end) this.#hasMoved = true;
    lane.end = end;
  }

  async #narrow(lane: Lane): Promise<void> {
    const { index, topic, field, value, budget } = this.#search;
    const { partition, start, end } = lane;
    const all: Narrowed = { spans: [{ start, end }], from: start, unindexed: end - start };
    const most = { records: Math.max(1, budget.records), bytes: Math.max(1, budget.bytes) };
    const narrowed = (await index?.narrow({ topic, partition, field, value, start, end, most })) ?? all;
    lane.spans = [...narrowed.spans];
    lane.narrowedTo = narrowed.from;
    this.#unindexed += narrowed.unindexed;
    if (narrowed.read !== undefined) this.#count(narrowed.read);
  }

  /** The matches in the piece, the newest first. */
  async #read(partition: number, { start, end }: Span): Promise<LogRecord[]> {
    const { log, topic, matches, signal } = this.#search;
    const found: LogRecord[] = [];
    for (let at = start; at < end; ) {
      signal.throwIfAborted();
      const maxRecords = Math.min(READ.maxRecords, end - at);
      // A log may decode all that fits, also what nobody wants.
      const maxBytes = Math.min(READ.maxBytes, maxRecords * (HEAD_BYTES + this.#bytesOfOne()));
      const { records, next } = await log.read(topic, partition, at, { maxRecords, maxBytes });
      for (const record of records) {
        if (record.offset >= end) break;
        this.#count({ records: 1, bytes: record.value.byteLength });
        if (matches(record)) found.push(record);
      }
      // Below the end there may be offsets that hold nothing, which reading never gets past.
      if (next <= at) break;
      at = next;
    }
    return found.reverse();
  }

  #recordsIn(bytes: number): number {
    return Math.floor(bytes / Math.max(1, this.#bytesOfOne()));
  }

  #bytesOfOne(): number {
    return this.#scanned === 0 ? LIKELY_BYTES : this.#bytes / this.#scanned;
  }

  #count({ records, bytes }: EventsRead): void {
    this.#scanned += records;
    this.#bytes += bytes;
    this.#search.budget.records -= records;
    this.#search.budget.bytes -= bytes;
  }

  #spent(): 'records' | 'bytes' | 'time' | undefined {
    const { budget, world } = this.#search;
    if (budget.records <= 0) return 'records';
    if (budget.bytes <= 0) return 'bytes';
    return world.monotonic() >= budget.deadline ? 'time' : undefined;
  }

  /** At most `limit` records; the others stay with their lanes. */
  #newest(): Hit[] {
    const hits: Hit[] = [];
    while (hits.length < this.#search.limit) {
      let newest: Lane | undefined;
      for (const lane of this.#lanes) {
        const at = lane.hits[0]?.timestamp;
        if (at !== undefined && at > (newest?.hits[0]?.timestamp ?? Number.NEGATIVE_INFINITY)) newest = lane;
      }
      const record = newest?.hits.shift();
      if (newest === undefined || record === undefined) break;
      hits.push({ partition: newest.partition, record });
    }
    return hits;
  }
}
