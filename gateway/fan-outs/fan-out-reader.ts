// Reads the state of a FanOut's job: from its row in the store, or, as long as it has none, from
// its record in the log.
import { factOf } from '../../core/fan-outs/facts.ts';
import { decodeFanOutJob, decodeWithHead, type FanOutJob, isFinalState } from '../../core/fan-outs/job.ts';
import { type FanOutView, queuedFanOutView, toFanOutView } from '../../core/fan-outs/job-view.ts';
import {
  FAN_OUT_CONSUMER,
  FAN_OUT_PARTITIONS,
  type FanOutLayout,
  JOBS_TABLE,
  OUTCOMES_TABLE,
} from '../../core/fan-outs/layout.ts';
import { acceptedAtOf, type JobId, parseJobId } from '../../core/jobs/job-id.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { FanOutReadStore } from '../endpoints/event-endpoints.ts';

export interface FoundFanOut {
  readonly id: JobId;
  readonly owner: string;
  readonly view: FanOutView;
  /** Undefined while it is queued. */
  readonly job: FanOutJob | undefined;
  readonly final: boolean;
}

export interface FanOutReader {
  /** `gone`: it has ended and is not remembered any more. Undefined when there is no such job. */
  find(id: string): Promise<FoundFanOut | 'gone' | undefined>;
}

export interface FanOutReaderDeps {
  readonly log: Pick<EventLog, 'read' | 'bounds'>;
  readonly store: FanOutReadStore;
}

/**
 * A job may be folded while it is looked for, or lost by a store that fails over and folds it anew.
 * A job without a row at the last look was forgotten.
 */
const LOOKS = 3;

export function createFanOutReader(
  { log, store }: FanOutReaderDeps,
  name: string,
  { facts, scopeOf }: FanOutLayout,
): FanOutReader {
  const fromLog = async (id: JobId, text: string): Promise<FoundFanOut | 'gone' | 'folded' | undefined> => {
    const { partition, offset, nonce } = id;
    const bounds = (await log.bounds(facts))?.[partition];
    if (bounds === undefined || offset >= bounds.end) return undefined;
    // Trimmed away; whether there ever was such a job nobody can say.
    if (offset < bounds.start) return 'gone';
    const { records } = await log.read(facts, partition, offset, { maxRecords: 1, maxBytes: 1 });
    const [record] = records;
    const fact = record && factOf(record);
    if (record?.offset !== offset || record.key !== nonce || fact?.kind !== 'start') return undefined;
    const position = await store.position(scopeOf(partition), FAN_OUT_CONSUMER, partition);
    if (position !== undefined && position > offset) return 'folded';
    const view = queuedFanOutView(text, name, acceptedAtOf(record));
    return { id, owner: fact.owner, view, job: undefined, final: false };
  };

  const fromRow = async (id: JobId): Promise<FoundFanOut | 'gone' | undefined> => {
    const scope = scopeOf(id.partition);
    const row = await store.row(scope, JOBS_TABLE, id.nonce);
    const job = row && decodeFanOutJob(row.value);
    if (job === undefined) return undefined;
    if (job.gone) return 'gone';
    const { result } = job;
    const outcome = result === undefined || result.blob ? undefined : await store.row(scope, OUTCOMES_TABLE, id.nonce);
    const view = toFanOutView(name, job, outcome && decodeWithHead(outcome)?.body);
    return { id, owner: job.owner, view, job, final: isFinalState(job.state) };
  };

  return {
    async find(text) {
      const id = parseJobId(text);
      if (id === undefined || id.partition >= FAN_OUT_PARTITIONS) return undefined;
      for (let looks = 0; looks < LOOKS; looks++) {
        const found = (await fromRow(id)) ?? (await fromLog(id, text));
        if (found !== 'folded') return found;
      }
      return 'gone';
    },
  };
}
