// Finds a job by its id, in each Queue and FanOut that may have it: by its record in the log, or by
// its row in the store, which may outlive the record.
import type { EventOwner, FindQuery, FoundEvent, FoundPage } from '../../../admin/topic-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { FAN_OUT_PARTITIONS, fanOutLayoutOf, JOBS_TABLE } from '../../../core/fan-outs/layout.ts';
import { formatJobId, JOB_HEADER, type JobId, parseJobId } from '../../../core/jobs/job-id.ts';
import { jobKeysOf, jobScopeOf } from '../../../core/jobs/job-row.ts';
import { queueTopicOf } from '../../../core/names.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';

export interface FindJobDeps {
  readonly log: Pick<EventLog, 'bounds' | 'read'>;
  readonly store: Pick<Store, 'get' | 'row'>;
  resources(): ResourceSet;
}

const ONE = { maxRecords: 1, maxBytes: 1 };

/** `toFound`: of a record that is the job's. */
export async function findJob(
  deps: FindJobDeps,
  { namespace, topic, queue }: FindQuery,
  text: string,
  toFound: (owner: EventOwner, partition: number, record: LogRecord) => FoundEvent,
): Promise<FoundPage> {
  const id = parseJobId(text);
  if (id === undefined) throw new TenfoldError('bad-request', 'That is no id of a job, such as 0-17-5f0c9b1d2a3e4f60.');
  const resources = deps.resources();
  const isOne = (only: string | undefined, name: string) => only === undefined || name === only;
  const owners: EventOwner[] = [];
  for (const { metadata, kind } of [...resources.ofKind('Queue'), ...resources.ofKind('FanOut')]) {
    const { name } = metadata;
    const isAsked = topic === undefined && (kind === 'Queue' ? isOne(queue, name) : queue === undefined);
    if (metadata.namespace === namespace && isAsked) owners.push({ kind, namespace, name });
  }
  const items: FoundEvent[] = [];
  for (const owner of owners) {
    const record = await recordOf(deps.log, owner, id);
    if (record) items.push({ ...toFound(owner, id.partition, record), job: formatJobId(id) });
    else if (await hasRow(deps.store, owner, id)) items.push(ofRow(owner, id));
  }
  const looked = owners.map(owner => ({ owner, done: 1, total: 1 }));
  return { items, ended: 'end', looked, rest: 0, scanned: owners.length, unindexed: 0 };
}

async function recordOf(
  log: FindJobDeps['log'],
  { kind, namespace, name }: EventOwner,
  { partition, offset, nonce }: JobId,
): Promise<LogRecord | undefined> {
  const topic = kind === 'Queue' ? queueTopicOf(namespace, name) : fanOutLayoutOf(namespace, name).facts;
  const { start = 0, end = 0 } = (await log.bounds(topic))?.[partition] ?? {};
  if (offset < start || offset >= end) return undefined;
  const [record] = (await log.read(topic, partition, offset, ONE)).records;
  if (record?.offset !== offset) return undefined;
  return (kind === 'Queue' ? record.headers[JOB_HEADER] : record.key) === nonce ? record : undefined;
}

async function hasRow(store: FindJobDeps['store'], { kind, namespace, name }: EventOwner, id: JobId): Promise<boolean> {
  const { partition, nonce } = id;
  if (kind === 'Queue') {
    return (await store.get(jobScopeOf(namespace, name, partition), jobKeysOf(id).row)) !== undefined;
  }
  if (partition >= FAN_OUT_PARTITIONS) return false;
  return (await store.row(fanOutLayoutOf(namespace, name).scopeOf(partition), JOBS_TABLE, nonce)) !== undefined;
}

function ofRow(owner: EventOwner, id: JobId): FoundEvent {
  const { partition, offset } = id;
  return { owner, job: formatJobId(id), partition, offset, key: null, traces: [] };
}
