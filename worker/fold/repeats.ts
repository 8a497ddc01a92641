// The events that a fold has counted lately. An event that was published twice has another place,
// so it is known by its content.
import { sameEventOf } from '../../core/cloudevents/same-event.ts';
import { assertFirstVersion } from '../../core/stored-version.ts';
import { SOURCE_TIME_HEADER } from '../../core/wire.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import { MAX_PAGE } from '../../drivers/store/limits.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import type { SourceMark } from './source-mark.ts';

/** The rows are in the scope of the folded state, so that both are written and lost together. */
export const REPEATS_TABLE = 'tenfold.repeats';

/**
 * An event that comes again this long after the first one, by the time of the log, is counted
 * again.
 */
export const REPEATS_WINDOW_MS = 10 * 60_000;
/** Remembered events of one partition of a source. */
export const REPEATS_DIRECT = 65_536;
/**
 * The same where its events are divided over the eight partitions of the state, each of which
 * remembers so many.
 */
export const REPEATS_DIVIDED = REPEATS_DIRECT / 8;

/**
 * A row with fewer events is written again with the next step, so that few rows hold many small
 * steps.
 */
const FEW = 64;
const MANY = 8_192;

/** Events of one partition of one source, in their order. */
interface Lane {
  /** The numbers of events by name; the first remembered event has `first`. */
  readonly numbers: Map<string, number>;
  readonly names: string[];
  readonly times: number[];
  readonly rows: Row[];
  first: number;
  /** The index of the first remembered event in the lists. */
  head: number;
}

interface Row {
  readonly number: number;
  /** True while more may be added. */
  readonly counted: Counted[];
  size: number;
  /** How many of its events are still remembered. */
  left: number;
}

export interface Counted {
  readonly lane: string;
  readonly name: string;
  readonly time: number;
}

/** Number of the event among those that were made of one event of the source. */
type Place = Pick<SourceMark, 'topic' | 'partition'> & { readonly index?: number };

/**
 * Each lane goes by the order and the times of its own records alone, so that every fold of them
 * remembers the same. It is loaded again after a step that was not written.
 */
export class Repeats {
  readonly #lanes = new Map<string, Lane>();
  readonly #most: number;
  #open: Row | undefined;
  #rows = 0;
  readonly #unwritten = new Set<Row>();
  /** Rows that may hold nothing any more. */
  readonly #left = new Set<Row>();

  private constructor(most: number) {
    this.#most = most;
  }

  /** `most`: events that each lane remembers. */
  static async load(store: Pick<Tables, 'scan'>, scope: string, most: number): Promise<Repeats> {
    const repeats = new Repeats(most);
    for (let after: string | undefined; ; ) {
      const page = await store.scan(scope, REPEATS_TABLE, { limit: MAX_PAGE, after });
      for (const { key, value } of page.rows) repeats.#restore(Number(key), Buffer.from(value).toString());
      after = page.next;
      if (after === undefined) return repeats;
    }
  }

  /** Whether the event of the record was counted before; if not, it counts from now on. */
  isRepeat(record: LogRecord, place: Place): boolean {
    const counted = this.find(record, place);
    if (counted === 'repeat') return true;
    this.add(counted);
    return false;
  }

  /** The row to add once the event is counted; undefined where its repeats cannot be recognised. */
  find(record: LogRecord, { topic, partition, index = 0 }: Place): Counted | 'repeat' | undefined {
    const same = sameEventOf(record);
    if (same === undefined) return undefined;
    const name = index === 0 ? same : `${same}.${index}`;
    const since = record.headers[SOURCE_TIME_HEADER];
    const time = since === undefined ? record.timestamp : Number(since);
    const key = `${partition}.${topic}`;
    const lane = this.#lanes.get(key);
    const number = lane?.numbers.get(name);
    const last = number === undefined ? undefined : lane?.times[number - lane.first + lane.head];
    return last !== undefined && time - last <= REPEATS_WINDOW_MS ? 'repeat' : { lane: key, name, time };
  }

  add(counted: Counted | undefined): void {
    if (counted === undefined) return;
    if (this.#open === undefined || this.#open.size >= MANY) this.#open = newRow(this.#rows++);
    this.#open.size++;
    this.#open.counted.push(counted);
    this.#unwritten.add(this.#open);
    this.#remember(counted, this.#open);
  }

  /** The changes to write with all events that were counted since the last call. */
  changes(): Change[] {
    const changes: Change[] = [];
    for (const row of this.#unwritten) {
      changes.push({ kind: 'put-row', table: REPEATS_TABLE, key: keyOf(row), value: this.#textOf(row) });
      if (row.size < FEW && row === this.#open) continue;
      row.counted.length = 0;
      if (row === this.#open) this.#open = undefined;
    }
    this.#unwritten.clear();
    for (const row of this.#left) {
      if (row.left > 0 || row === this.#open) continue;
      changes.push({ kind: 'delete-row', table: REPEATS_TABLE, key: keyOf(row) });
      this.#left.delete(row);
    }
    return changes;
  }

  #remember({ lane: key, name, time }: Counted, row: Row): void {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { numbers: new Map(), names: [], times: [], rows: [], first: 0, head: 0 };
      this.#lanes.set(key, lane);
    }
    lane.numbers.set(name, lane.first + lane.names.length - lane.head);
    lane.names.push(name);
    lane.times.push(Math.max(time, lane.times.at(-1) ?? time));
    lane.rows.push(row);
    row.left++;
    this.#forget(lane);
  }

  #forget(lane: Lane): void {
    const { numbers, names, times, rows } = lane;
    const since = (times.at(-1) ?? 0) - REPEATS_WINDOW_MS;
    while (names.length - lane.head > this.#most || (times[lane.head] ?? Number.POSITIVE_INFINITY) < since) {
      const name = names[lane.head] ?? '';
      // The event may have been counted anew meanwhile.
      if (numbers.get(name) === lane.first) numbers.delete(name);
      const row = rows[lane.head];
      if (row && --row.left === 0) this.#left.add(row);
      lane.head++;
      lane.first++;
    }
    if (lane.head < 1_024 || lane.head < names.length / 2) return;
    for (const list of [names, times, rows]) list.splice(0, lane.head);
    lane.head = 0;
  }

  #textOf({ counted }: Row): string {
    const lanes: Record<string, (string | number)[]> = {};
    for (const { lane, name, time } of counted) {
      if (!this.#lanes.get(lane)?.numbers.has(name)) continue;
      const list = lanes[lane] ?? [time];
      lanes[lane] = list;
      list.push(name, time - Number(list[0]));
    }
    return JSON.stringify({ v: 1, lanes });
  }

  #restore(number: number, text: string): void {
    const stored: { readonly lanes: Readonly<Record<string, readonly (string | number)[]>> } = JSON.parse(text);
    assertFirstVersion('what a fold has counted', stored);
    this.#rows = Math.max(this.#rows, number + 1);
    const row = newRow(number);
    for (const [lane, [first = 0, ...list]] of Object.entries(stored.lanes)) {
      for (let index = 0; index + 1 < list.length; index += 2) {
        row.counted.push({ lane, name: String(list[index]), time: Number(first) + Number(list[index + 1]) });
      }
    }
    for (const counted of row.counted) this.#remember(counted, row);
    row.size = row.counted.length;
    if (row.size < FEW) this.#open = row;
    else row.counted.length = 0;
    if (row.left === 0) this.#left.add(row);
  }
}

function newRow(number: number): Row {
  return { number, counted: [], size: 0, left: 0 };
}

/** Text that sorts as the numbers do. */
function keyOf({ number }: Row): string {
  return String(number).padStart(16, '0');
}
