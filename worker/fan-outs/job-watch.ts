// Whether a job still goes on, as those must know who work for it: looked up now and then, not for each of its items.
import { decodeFanOutJob, type FanOutJob, isFinalState } from '../../core/fan-outs/job.ts';
import { JOBS_TABLE } from '../../core/fan-outs/layout.ts';
import type { FanOutSite } from './fan-out-settings.ts';

/** `over`: nobody wants it any more. `late`: it has failed without it, but can be taken up again. */
export type Standing = 'open' | 'over' | 'late';

export interface JobWatch {
  /** At most a second old. Rejects as the store does. */
  standing(partition: number, nonce: string): Standing | Promise<Standing>;
  /** It may have changed: the next question is asked of the store. */
  changed(nonce: string): void;
}

interface Known {
  readonly standing: Standing;
  readonly at: number;
}

const FRESH_MS = 1_000;
const MOST = 10_000;

export function createJobWatch({ world, store, settings }: Pick<FanOutSite, 'world' | 'store' | 'settings'>): JobWatch {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<Standing>>();
  const ask = async (partition: number, nonce: string): Promise<Standing> => {
    const job = await readJob(store, settings.layout.scopeOf(partition), nonce);
    const standing = standingOf(job);
    if (known.size >= MOST) known.clear();
    known.set(nonce, { standing, at: world.monotonic() });
    return standing;
  };
  return {
    standing(partition, nonce) {
      const last = known.get(nonce);
      if (last && world.monotonic() - last.at < FRESH_MS) return last.standing;
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

/** A row that is not there yet is on its way: the store may have lost its newest changes. */
function standingOf(job: FanOutJob | undefined): Standing {
  if (job === undefined) return 'open';
  if (job.gone || job.state === 'succeeded' || job.state === 'cancelled' || job.state === 'gathering') return 'over';
  return isFinalState(job.state) ? 'late' : 'open';
}
