// Each job that was accepted is done, and ends once: its state never changes again, and its
// result is that of its work.
import type { Handler } from '../functions/work.ts';
import type { Budget } from './budget.ts';

export interface Jobs {
  readonly wrong: readonly string[];
  readonly handler: Handler;
  /** `path`: where it can be asked after. */
  accepted(number: number, path: string): void;
  /** Those of which no end is known yet. */
  open(): readonly Accepted[];
  all(): readonly Accepted[];
  /** What an endpoint says of it. */
  seen(number: number, state: string, result: unknown): void;
  readonly count: number;
}

interface Accepted {
  readonly number: number;
  readonly path: string;
  /** What an endpoint said of it last. */
  readonly state: string | undefined;
}

const ENDS = ['succeeded', 'failed', 'expired', 'cancelled'];
const WORK_MS = 150;

export function createJobs(budget: Budget): Jobs {
  const jobs = new Map<number, { readonly path: string; state?: string; end?: string }>();
  const worked = new Set<number>();
  const wrong: string[] = [];
  return {
    wrong,
    handler(body) {
      const { job }: { job: number } = JSON.parse(body);
      const { ends, left } = budget.begins(`job ${job}`);
      return {
        ms: WORK_MS,
        done() {
          worked.add(job);
          ends();
          return JSON.stringify({ twice: 2 * job });
        },
        failed: ends,
        left,
      };
    },
    accepted(number, path) {
      jobs.set(number, { path });
    },
    open: () =>
      [...jobs].flatMap(([number, { path, state, end }]) => (end === undefined ? [{ number, path, state }] : [])),
    all: () => [...jobs].map(([number, { path, state }]) => ({ number, path, state })),
    seen(number, state, result) {
      const job = jobs.get(number);
      if (!job) return;
      job.state = state;
      if (job.end !== undefined && state !== job.end) wrong.push(`job ${number} was ${job.end}, and is ${state}`);
      if (!ENDS.includes(state)) return;
      job.end ??= state;
      const expected = JSON.stringify({ twice: 2 * number });
      if (state !== 'succeeded' || !worked.has(number) || JSON.stringify(result) !== expected)
        wrong.push(`job ${number} is ${state} with ${JSON.stringify(result)}`);
    },
    get count() {
      return jobs.size;
    },
  };
}
