// Jobs of queues, the newest first: found in the log, with the state that the store knows of each.

import type { JobQuery, JobSummary } from '../../../admin/job-view.ts';
import type { Page } from '../../../admin/page.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { acceptedAtOf, formatJobId, JOB_HEADER, type JobId, parseJobId } from '../../../core/jobs/job-id.ts';
import { decodeJobRow, type JobRow, jobKeysOf, jobScopeOf } from '../../../core/jobs/job-row.ts';
import { queueTopicOf } from '../../../core/names.ts';
import { isOfLaterRelease } from '../../../core/stored-version.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { Bounds, EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { recordAt } from '../record-at.ts';
import { createTakeOvers, lostAttemptAt, type TakeOvers } from './lost-attempt.ts';

export interface QueueName {
  readonly namespace: string;
  readonly name: string;
}

/** A job with all that is kept of it. */
export interface KeptJob {
  readonly id: JobId;
  readonly summary: JobSummary;
  /** Undefined while it is queued. */
  readonly row: JobRow | undefined;
  /** Undefined once it is trimmed. */
  readonly record: LogRecord | undefined;
  /**
   * When its worker lost the partition in the midst of an attempt, by the log's clock. It is
   * `waiting` then, whatever its row says.
   */
  readonly lostAt: number | undefined;
}

export interface JobList {
  list(query: Omit<JobQuery, 'namespace' | 'queue'>, queues: readonly QueueName[]): Promise<Page<JobSummary>>;
  /**
   * `not-found` when there is no such job, or no more; `later-release` where a later release has
   * written its state.
   */
  read(queue: QueueName, id: string): Promise<JobSummary>;
  /** As `read`, for a loop: it does not look whether an attempt was lost. */
  glance(queue: QueueName, id: string): Promise<JobSummary>;
  /** Throws as `read` does. */
  find(queue: QueueName, id: string, signal?: AbortSignal): Promise<KeptJob>;
}

/** Records that are read at a time, going back. */
const STEP = 200;
const STEP_BYTES = 8 * 1024 * 1024;
/**
 * Records that are looked at for one page: with a rare state a page can be empty and
 * have a next one all the same.
 */
const MOST_SEEN = 5000;

/** Without the input, which may be large. */
type JobRecord = Pick<LogRecord, 'offset' | 'timestamp' | 'headers'>;

/**
 * A place to go on from: a queue, and by partition the offset below which
 * nothing has been looked at.
 */
interface Cursor {
  readonly queue: number;
  readonly below: readonly number[];
}

export function createJobList(log: EventLog, store: Pick<Store, 'get'>): JobList {
  const rowOf = async ({ namespace, name }: QueueName, id: JobId): Promise<JobRow | undefined> => {
    const entry = await store.get(jobScopeOf(namespace, name, id.partition), jobKeysOf(id).row);
    return entry && decodeJobRow(entry.value, id);
  };

  const recordOf = async ({ namespace, name }: QueueName, id: JobId): Promise<LogRecord | undefined> => {
    const record = await recordAt(log, queueTopicOf(namespace, name), id.partition, id.offset);
    return record?.headers[JOB_HEADER] === id.nonce ? record : undefined;
  };

  const lostAtOf = async (
    { namespace, name }: QueueName,
    { partition }: JobId,
    row: JobRow | undefined,
    takeOvers: TakeOvers = createTakeOvers(log),
    signal?: AbortSignal,
  ) => row && lostAttemptAt(row, { namespace, name, partition }, takeOvers, signal);

  const summaryOf: SummaryOf = async (queue, partition, record, takeOvers) => {
    const nonce = record.headers[JOB_HEADER];
    if (nonce === undefined) return undefined;
    const id = { partition, offset: record.offset, nonce };
    try {
      const row = await rowOf(queue, id);
      return toSummary(
        queue,
        id,
        row?.acceptedAt ?? acceptedAtOf(record),
        row,
        await lostAtOf(queue, id, row, takeOvers),
      );
    } catch (error) {
      // One does not hide all others.
      if (!isOfLaterRelease(error)) throw error;
      return { ...toSummary(queue, id, acceptedAtOf(record), undefined), state: 'unknown', error: error.message };
    }
  };

  const queued = async (queue: QueueName, text: string, id: JobId): Promise<JobSummary> => {
    const record = await recordOf(queue, id);
    if (record) return toSummary(queue, id, acceptedAtOf(record), undefined);
    throw noJob(queue, text);
  };

  return {
    list: (query, queues) => listJobs(query, queues, log, summaryOf),
    async read(queue, text) {
      const id = idOf(queue, text);
      const row = await rowOf(queue, id);
      return row ? toSummary(queue, id, row.acceptedAt, row, await lostAtOf(queue, id, row)) : queued(queue, text, id);
    },
    async glance(queue, text) {
      const id = idOf(queue, text);
      const row = await rowOf(queue, id);
      return row ? toSummary(queue, id, row.acceptedAt, row) : queued(queue, text, id);
    },
    async find(queue, text, signal) {
      const id = idOf(queue, text);
      // It may end between the two: the row has more to say then.
      const record = await recordOf(queue, id);
      const row = await rowOf(queue, id);
      const acceptedAt = row?.acceptedAt ?? (record && acceptedAtOf(record));
      if (acceptedAt === undefined) throw noJob(queue, text);
      const lostAt = await lostAtOf(queue, id, row, undefined, signal);
      return { id, summary: toSummary(queue, id, acceptedAt, row, lostAt), row, record, lostAt };
    },
  };
}

type SummaryOf = (
  queue: QueueName,
  partition: number,
  record: JobRecord,
  takeOvers: TakeOvers,
) => Promise<JobSummary | undefined>;

async function listJobs(
  { state, limit, after }: Omit<JobQuery, 'namespace' | 'queue'>,
  queues: readonly QueueName[],
  log: EventLog,
  summaryOf: SummaryOf,
): Promise<Page<JobSummary>> {
  const items: JobSummary[] = [];
  const takeOvers = createTakeOvers(log);
  let { queue: index, below } = parseCursor(after);
  let seen = 0;
  for (; index < queues.length; index++, below = []) {
    const queue = queues[index] as QueueName;
    const topic = queueTopicOf(queue.namespace, queue.name);
    const bounds = (await log.bounds(topic)) ?? [];
    const newest = new NewestFirst(log, topic, bounds, below);
    for (;;) {
      if (items.length >= limit || seen >= MOST_SEEN) {
        const { at } = newest;
        return newest.isEmpty && index + 1 >= queues.length
          ? { items }
          : { items, next: formatCursor({ queue: index, below: at }) };
      }
      const next = await newest.take();
      if (next === undefined) break;
      seen++;
      const found = await summaryOf(queue, next.partition, next.record, takeOvers);
      if (found && (state === undefined || found.state === state)) items.push(found);
    }
  }
  return { items };
}

function idOf(queue: QueueName, text: string): JobId {
  const id = parseJobId(text);
  if (id) return id;
  throw noJob(queue, text);
}

function noJob({ name }: QueueName, text: string): TenfoldError {
  return new TenfoldError('not-found', `Queue ${name} has no job ${text.slice(0, 60)}, or no more.`);
}

/** Goes back through all partitions of a topic together, by the time of their records. */
class NewestFirst {
  /** Nothing at or above these offsets is to come, by partition. */
  readonly at: number[];
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #bounds: readonly Bounds[];
  /** These records were read of each partition, and not taken yet. */
  readonly #ahead: JobRecord[][];

  constructor(log: EventLog, topic: string, bounds: readonly Bounds[], below: readonly number[]) {
    this.#log = log;
    this.#topic = topic;
    this.#bounds = bounds;
    this.at = bounds.map(({ end }, partition) => below[partition] ?? end);
    this.#ahead = bounds.map(() => []);
  }

  get isEmpty(): boolean {
    return this.#bounds.every(({ start }, partition) => (this.at[partition] ?? 0) <= start);
  }

  async take(): Promise<{ readonly partition: number; readonly record: JobRecord } | undefined> {
    await Promise.all(this.#bounds.map((_, partition) => this.#look(partition)));
    let from: number | undefined;
    for (const [partition, [record]] of this.#ahead.entries()) {
      const best = from === undefined ? undefined : this.#ahead[from]?.[0];
      if (record !== undefined && (best === undefined || record.timestamp > best.timestamp)) from = partition;
    }
    const record = from === undefined ? undefined : this.#ahead[from]?.shift();
    if (from === undefined || record === undefined) return undefined;
    this.at[from] = record.offset;
    return { partition: from, record };
  }

  /** Reads until there is one, or none is left. */
  async #look(partition: number): Promise<void> {
    const start = this.#bounds[partition]?.start ?? 0;
    while (this.#ahead[partition]?.length === 0 && (this.at[partition] ?? 0) > start) {
      const below = this.at[partition] ?? 0;
      const found = await readBack(this.#log, this.#topic, partition, below, start);
      this.#ahead[partition] = found;
      if (found.length === 0) this.at[partition] = Math.max(start, below - STEP);
    }
  }
}

/** The records of up to `STEP` offsets below `below`, the newest first. */
async function readBack(
  log: EventLog,
  topic: string,
  partition: number,
  below: number,
  start: number,
): Promise<JobRecord[]> {
  const found: JobRecord[] = [];
  // A large record comes in several parts, the oldest first.
  for (let from = Math.max(start, below - STEP); from < below; ) {
    const limits = { maxRecords: below - from, maxBytes: STEP_BYTES };
    const { records, next } = await log.read(topic, partition, from, limits);
    for (const { offset, timestamp, headers } of records)
      if (offset < below) found.push({ offset, timestamp, headers });
    if (next <= from) break;
    from = next;
  }
  return found.reverse();
}

function toSummary(
  { namespace, name }: QueueName,
  id: JobId,
  acceptedAt: number,
  row: JobRow | undefined,
  lostAt?: number | undefined,
): JobSummary {
  return {
    id: formatJobId(id),
    namespace,
    queue: name,
    state: lostAt === undefined ? (row?.state ?? 'queued') : 'waiting',
    attempts: row?.attempts ?? 0,
    queuedAt: toTimestamp(acceptedAt),
    ...(row?.startedAt === undefined ? {} : { startedAt: toTimestamp(row.startedAt) }),
    ...(row?.nextAt === undefined ? {} : { nextAttemptAt: toTimestamp(row.nextAt) }),
    ...(row?.finishedAt === undefined ? {} : { finishedAt: toTimestamp(row.finishedAt) }),
    ...(row?.error === undefined ? {} : { error: row.error.message }),
    ...(row?.error?.cause === undefined ? {} : { cause: row.error.cause }),
  };
}

function formatCursor({ queue, below }: Cursor): string {
  return [queue, ...below].join('.');
}

function parseCursor(text: string | undefined): Cursor {
  if (text === undefined) return { queue: 0, below: [] };
  const [queue = 0, ...below] = text.split('.').map(Number);
  if (/^\d+(\.\d+)*$/.test(text)) return { queue, below };
  throw new TenfoldError('bad-request', 'That is no place in a list of jobs.');
}
