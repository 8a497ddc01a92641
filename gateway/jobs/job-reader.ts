// Finds out what has become of a job: from its row in the store, or, as long as it has none,
// from its record in the log.
import { acceptedAtOf, JOB_HEADER, type JobId, OWNER_HEADER, parseJobId } from '../../core/jobs/job-id.ts';
import { decodeJobRow, isFinal, type JobRow, jobKeysOf, jobScopeOf } from '../../core/jobs/job-row.ts';
import { type JobView, queuedJobView, toJobView } from '../../core/jobs/job-view.ts';
import { queueGroupOf, queueTopicOf } from '../../core/names.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Keys } from '../../drivers/store/store.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';

export interface FoundJob {
  /** Under which it is worked; another one than was asked for when it was accepted twice. */
  readonly id: JobId;
  readonly owner: string;
  readonly view: JobView;
  /** Undefined while it is queued. */
  readonly row: JobRow | undefined;
  readonly final: boolean;
}

export interface JobReader {
  /** `gone`: it has ended and is not remembered any more. Undefined when there is no such job. */
  find(id: string): Promise<FoundJob | 'gone' | undefined>;
}

export interface QueueOf {
  readonly namespace: string;
  readonly name: string;
  /** How long rows of finished jobs are kept, milliseconds. */
  readonly resultTtlMs: number;
}

export interface ReaderDeps extends Pick<EventEndpoints, 'lostAttemptAt'> {
  readonly log: Pick<EventLog, 'read' | 'positions' | 'bounds'>;
  readonly store: Pick<Keys, 'now' | 'get'>;
}

export function createJobReader(deps: ReaderDeps, { namespace, name, resultTtlMs }: QueueOf): JobReader {
  const { log, store } = deps;
  const topic = queueTopicOf(namespace, name);
  const group = queueGroupOf(namespace, name);

  const rowOf = async (id: JobId): Promise<JobRow | undefined> => {
    const entry = await store.get(jobScopeOf(namespace, name, id.partition), jobKeysOf(id).row);
    return entry && decodeJobRow(entry.value, id);
  };

  const find = async (text: string, followed: boolean): Promise<FoundJob | 'gone' | undefined> => {
    const id = parseJobId(text);
    if (id === undefined) return undefined;
    const row = await rowOf(id);
    if (row?.sameAs !== undefined && !followed) return find(row.sameAs, true);
    if (row === undefined) return fromLog(id, text);
    const lostAt = await deps.lostAttemptAt?.(row, { namespace, name, partition: id.partition });
    const view = toJobView(text, name, row, lostAt !== undefined);
    return { id, owner: row.owner, view, row, final: isFinal(row.state) };
  };

  const fromLog = async (id: JobId, text: string): Promise<FoundJob | 'gone' | undefined> => {
    const { partition, offset, nonce } = id;
    const bounds = (await log.bounds(topic))?.[partition];
    if (bounds === undefined || offset >= bounds.end) return undefined;
    // Trimmed away; whether there ever was such a job nobody can say.
    if (offset < bounds.start) return 'gone';
    const { records } = await log.read(topic, partition, offset, { maxRecords: 1, maxBytes: 1 });
    const [record] = records;
    if (record?.offset !== offset || record.headers[JOB_HEADER] !== nonce) return undefined;
    const owner = record.headers[OWNER_HEADER] ?? '';
    const queued: FoundJob = {
      id,
      owner,
      view: queuedJobView(text, name, acceptedAtOf(record)),
      row: undefined,
      final: false,
    };
    // A row outlives the end of its job by so much, by the store's clock. A younger job without a
    // row has not ended, though it may be parked.
    if ((await store.now()) - record.timestamp < resultTtlMs) return queued;
    const position = (await log.positions(group, topic))[partition];
    return position === undefined || offset >= position.offset ? queued : 'gone';
  };

  return { find: id => find(id, false) };
}
