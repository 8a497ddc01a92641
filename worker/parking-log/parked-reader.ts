// Reads what waits in the parking log of one partition, for somebody who does not own it. It takes
// everything from the log, and keeps no data of events.

import { TenfoldError } from '../../core/errors.ts';
import type { EventLog, LogRecord } from '../../drivers/event-log/event-log.ts';
import { type Commit, parseCommit } from './commit.ts';
import {
  createParkingLogState,
  foldRecord,
  type Mark,
  PARKING_LOG_START,
  type ParkingLogState,
} from './fold-parking-log.ts';
import { decodeParkingLogRecord } from './parking-log-codec.ts';
import type { ParkingLogRecord } from './parking-log-record.ts';
import { checkParkingLog, isRestart } from './take-over.ts';

/** The names of a consumer in the log. */
export interface ParkingLogName {
  readonly group: string;
  /** The topic whose positions the group commits. */
  readonly topic: string;
  readonly parkingLog: string;
}

const LIMITS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };
/** Events of one partition: about 100 MB, and 340 MB where each has failed with a long cause. */
const MOST_PARKED = 250_000;
const NOTHING = new Uint8Array(0);
/** The attributes by which people know an event. */
const KEPT_HEADERS = ['ce_id', 'ce_type'];

/** One for each partition; none while the consumer has no parking log. */
export async function openParkedReaders(
  log: Pick<EventLog, 'bounds' | 'positions' | 'read'>,
  name: ParkingLogName,
  most = MOST_PARKED,
): Promise<readonly ParkedReader[]> {
  const [bounds, positions] = await Promise.all([log.bounds(name.parkingLog), positionsOf(log, name)]);
  if (bounds === undefined) return [];
  return bounds.map(
    ({ end }, partition) =>
      new ParkedReader(
        log,
        name.parkingLog,
        partition,
        // A commit of a later release is refused when its partition is read, and hides no other.
        () => checkParkingLog(parseCommit(positions[partition]), end),
        positions[partition] !== undefined,
        end,
        most,
      ),
  );
}

/** None where the source was deleted: what is parked is there all the same. */
async function positionsOf(log: Pick<EventLog, 'positions'>, { group, topic }: ParkingLogName) {
  try {
    return await log.positions(group, topic);
  } catch (error) {
    if (error instanceof TenfoldError && error.code === 'not-found') return [];
    throw error;
  }
}

export class ParkedReader {
  readonly partition: number;
  /** The commit that it begins with. Throws `later-release`. */
  readonly commit: () => Commit;
  /** Whether the group has a position in the partition. */
  readonly hasBegun: boolean;
  readonly #log: Pick<EventLog, 'read'>;
  readonly #topic: string;
  readonly #end: number;
  readonly #most: number;
  #state: ParkingLogState | undefined;
  #next = 0;
  #start = 0;

  constructor(
    log: Pick<EventLog, 'read'>,
    topic: string,
    partition: number,
    commit: () => Commit,
    hasBegun: boolean,
    end: number,
    most: number,
  ) {
    this.partition = partition;
    this.#log = log;
    this.#topic = topic;
    this.commit = commit;
    this.hasBegun = hasBegun;
    this.#end = end;
    this.#most = most;
  }

  /** The offset up to which the parking log has been read. */
  get next(): number {
    return this.#next;
  }

  /** The number of records behind its commit when it was opened. Throws `later-release`. */
  get backlog(): number {
    return this.#end - this.commit().parkingLog.offset;
  }

  /** The first offset that the log had at the last reading. */
  get start(): number {
    return this.#start;
  }

  /**
   * The state of the parking log at its end as it is now. Repeated calls go on where the last one
   * stopped. `later-release` where a later release has written it, `query-too-large` where more
   * waits than this process may hold.
   */
  async read(signal?: AbortSignal, each?: (record: ParkingLogRecord) => void): Promise<ParkingLogState> {
    let state = this.#state ?? this.#startAt(this.commit().parkingLog);
    this.#start = 0;
    // The first answer tells the end as well: a question for it alone would take as long.
    for (let end = Number.POSITIVE_INFINITY; this.#next < end; ) {
      signal?.throwIfAborted();
      const from = this.#next;
      const batch = await this.#log.read(this.#topic, this.partition, from, LIMITS).catch(goneIfNotFound);
      if (batch === undefined) break;
      const { records, next, bounds } = batch;
      end = Math.min(end, bounds.end);
      this.#start = Math.max(this.#start, bounds.start);
      // Records that ended entries may be gone. All that is open lies behind the new start.
      if (isRestart(from, bounds.start)) state = this.#startAt({ ...PARKING_LOG_START, offset: bounds.start });
      for (const record of records) this.#fold(state, record, each);
      this.#next = Math.max(next, this.#next);
      if (next <= from) break;
    }
    return state;
  }

  #startAt(mark: Mark): ParkingLogState {
    this.#next = mark.offset;
    this.#state = createParkingLogState(mark);
    return this.#state;
  }

  #fold(state: ParkingLogState, stored: LogRecord, each?: (record: ParkingLogRecord) => void): void {
    const decoded = decodeParkingLogRecord(stored);
    if (decoded === undefined) return;
    const verdict = foldRecord(state, stored.offset, withoutData(decoded));
    if (verdict === 'counts') each?.(decoded);
    if (state.entries.size <= this.#most) return;
    throw new TenfoldError(
      'query-too-large',
      `More than ${this.#most} events are parked in partition ${this.partition} of ${this.#topic}, too many to list. The log says why attempts fail. Repair the target: they are tried again by themselves.`,
    );
  }
}

/** The topic was deleted meanwhile: nothing waits there. */
function goneIfNotFound(error: unknown): undefined {
  if (!(error instanceof TenfoldError && error.code === 'not-found')) throw error;
}

function withoutData(record: ParkingLogRecord): ParkingLogRecord {
  if (!('record' in record) || record.record === undefined) return record;
  const { headers } = record.record;
  const kept = KEPT_HEADERS.flatMap(name => (headers[name] === undefined ? [] : [[name, headers[name]]]));
  return { ...record, record: { ...record.record, value: NOTHING, headers: Object.fromEntries(kept) } };
}
