// Jobs of queues, the newest first: found in the log, with the state that the store knows of each.

import type { JobQuery, JobSummary } from '../../../admin/job-view.ts';
import type { Page } from '../../../admin/page.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { formatJobId, JOB_HEADER, type JobId, parseJobId } from '../../../core/jobs/job-id.ts';
import { decodeJobRow, type JobRow, jobKeysOf, jobScopeOf } from '../../../core/jobs/job-row.ts';
import { queueTopicOf } from '../../../core/names.ts';
import { isOfLaterRelease } from '../../../core/stored-version.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';

export interface QueueName {
  readonly namespace: string;
  readonly name: string;
}

export interface JobList {
  list(query: Omit<JobQuery, 'namespace' | 'queue'>, queues: readonly QueueName[]): Promise<Page<JobSummary>>;
  /**
   * `not-found` when there is no such job, or no more; `later-release` where a later release has
   * written its state.
   */
  read(queue: QueueName, id: string): Promise<JobSummary>;
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

  const summaryOf = async (queue: QueueName, partition: number, record: JobRecord): Promise<JobSummary | undefined> => {
    const nonce = record.headers[JOB_HEADER];
    if (nonce === undefined) return undefined;
    const id = { partition, offset: record.offset, nonce };
    try {
      return toSummary(queue, id, record.timestamp, await rowOf(queue, id));
    } catch (error) {
      // One does not hide all others.
      if (!isOfLaterRelease(error)) throw error;
      return { ...toSummary(queue, id, record.timestamp, undefined), state: 'unknown', error: error.message };
    }
  };

  return {
    async list({ state, limit, after }, queues) {
      const items: JobSummary[] = [];
      let { queue: index, below } = parseCursor(after);
      let seen = 0;
      for (; index < queues.length; index++, below = []) {
        const queue = queues[index] as QueueName;
        const topic = queueTopicOf(queue.namespace, queue.name);
        const bounds = (await log.bounds(topic)) ?? [];
        const at = bounds.map(({ end }, partition) => below[partition] ?? end);
        for (const [partition, { start }] of bounds.entries()) {
          while ((at[partition] ?? 0) > start) {
            if (items.length >= limit || seen >= MOST_SEEN)
              return { items, next: formatCursor({ queue: index, below: at }) };
            const records = await readBack(log, topic, partition, at[partition] ?? 0, start);
            for (const record of records) {
              if (items.length >= limit) break;
              seen++;
              at[partition] = record.offset;
              const found = await summaryOf(queue, partition, record);
              if (found && (state === undefined || found.state === state)) items.push(found);
            }
            if (records.length === 0) at[partition] = Math.max(start, (at[partition] ?? 0) - STEP);
          }
        }
      }
      return { items };
    },
    async read(queue, text) {
      const id = parseJobId(text);
      const missing = () =>
        new TenfoldError('not-found', `Queue ${queue.name} has no job ${text.slice(0, 60)}, or no more.`);
      if (!id) throw missing();
      const row = await rowOf(queue, id);
      if (row) return toSummary(queue, id, row.acceptedAt, row);
      const topic = queueTopicOf(queue.namespace, queue.name);
      const bounds = (await log.bounds(topic))?.[id.partition];
      if (!bounds || id.offset < bounds.start || id.offset >= bounds.end) throw missing();
      const { records } = await log.read(topic, id.partition, id.offset, { maxRecords: 1, maxBytes: 1 });
      const [record] = records;
      if (record?.offset !== id.offset || record.headers[JOB_HEADER] !== id.nonce) throw missing();
      return toSummary(queue, id, record.timestamp, undefined);
    },
  };
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

function toSummary({ namespace, name }: QueueName, id: JobId, acceptedAt: number, row: JobRow | undefined): JobSummary {
  return {
    id: formatJobId(id),
    namespace,
    queue: name,
    state: row?.state ?? 'queued',
    attempts: row?.attempts ?? 0,
    queuedAt: toTimestamp(acceptedAt),
    ...(row?.startedAt === undefined ? {} : { startedAt: toTimestamp(row.startedAt) }),
    ...(row?.nextAt === undefined ? {} : { nextAttemptAt: toTimestamp(row.nextAt) }),
    ...(row?.finishedAt === undefined ? {} : { finishedAt: toTimestamp(row.finishedAt) }),
    ...(row?.error === undefined ? {} : { error: row.error.message }),
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
