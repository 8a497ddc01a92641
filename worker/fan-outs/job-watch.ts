// Finds out for workers whether a job still goes on. It looks the job up now and then, not for each
// of its items.
import { decodeFanOutJob, type FanOutJob, isFinalState } from '../../core/fan-outs/job.ts';
import { JOBS_TABLE } from '../../core/fan-outs/layout.ts';
import type { FanOutSite } from './fan-out-settings.ts';

/**
 * `over`: nobody wants the item any more. `late`: the job has failed without it, but can be taken
 * up again.
 */
export type WatchedJobStatus = 'open' | 'over' | 'late';

export interface JobWatch {
  /** The status, at most a second old. Rejects as the store does. */
  status(partition: number, nonce: string): WatchedJobStatus | Promise<WatchedJobStatus>;
  /** The status may have changed, so the next question goes to the store. */
  changed(nonce: string): void;
}

interface Known {
  readonly status: WatchedJobStatus;
  readonly at: number;
}

const FRESH_MS = 1_000;
const MOST = 10_000;

export function createJobWatch({ world, store, settings }: Pick<FanOutSite, 'world' | 'store' | 'settings'>): JobWatch {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<WatchedJobStatus>>();
  const ask = async (partition: number, nonce: string): Promise<WatchedJobStatus> => {
    const job = await readJob(store, settings.layout.scopeOf(partition), nonce);
    const status = statusOf(job);
    if (known.size >= MOST) known.clear();
    known.set(nonce, { status, at: world.monotonic() });
    return status;
  };
  return {
    status(partition, nonce) {
      const last = known.get(nonce);
      if (last && world.monotonic() - last.at < FRESH_MS) return last.status;
      const under = asked.get(nonce);
      if (under) return under;
      const question = ask(partition, nonce).finally(() => asked.delete(nonce));
      asked.set(nonce, question);
      return question;
    },
    changed(nonce) {
      known.delete(nonce);
    },
  };
}

export async function readJob(
  store: Pick<FanOutSite['store'], 'row'>,
  scope: string,
  nonce: string,
): Promise<FanOutJob | undefined> {
  const row = await store.row(scope, JOBS_TABLE, nonce);
  return row && decodeFanOutJob(row.value);
}

/** A missing row is on its way: the store may have lost its newest changes. */
function statusOf(job: FanOutJob | undefined): WatchedJobStatus {
  if (job === undefined) return 'open';
  if (job.gone || job.state === 'succeeded' || job.state === 'cancelled' || job.state === 'gathering') return 'over';
  return isFinalState(job.state) ? 'late' : 'open';
}
