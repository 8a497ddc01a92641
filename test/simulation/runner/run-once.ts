// Runs a plan outside of microtasks and counts rejections that nobody handled as failures of it.
import type { Consumer } from '../consumers/consumer.ts';
import { outsideMicrotasks } from '../kernel/drain.ts';
import type { Plan } from '../scenario/plan.ts';
import { type RunResult, runPlan } from '../scenario/run-plan.ts';

export interface Rejections {
  /** The first one since the last call. */
  next(): Promise<Error | undefined>;
}

/** Once per process. */
export function collectRejections(): Rejections {
  const collected: Error[] = [];
  process.on('unhandledRejection', reason => {
    const text = reason instanceof Error ? reason.stack : String(reason);
    collected.push(new Error(`unhandled rejection: ${text}`));
  });
  return {
    async next() {
      // Node reports them after the turn of the event loop.
      await new Promise(resolve => setImmediate(resolve));
      return collected.splice(0)[0];
    },
  };
}

export async function runOnce(
  plan: Plan,
  consumer: Consumer,
  rejections: Rejections,
  options = { timeline: false },
): Promise<RunResult> {
  const result = await outsideMicrotasks(() => runPlan(plan, consumer, options));
  const unhandled = await rejections.next();
  return unhandled && !result.error ? { ...result, error: unhandled } : result;
}

/** Two failures are the same when this is. */
export function kindOf(error: Error): string {
  return 'promise' in error ? String(error.promise) : error.message.slice(0, 60);
}
