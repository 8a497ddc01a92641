// Runs a plan outside of microtasks and counts rejections that nobody handled as failures of it.
import type { Consumer } from '../consumers/consumer.ts';
import { outsideMicrotasks } from '../kernel/drain.ts';
import type { Plan } from '../scenario/plan.ts';
import { type RunResult, runPlan } from '../scenario/run-plan.ts';

export interface Rejections {
  /** Those since the last call. */
  take(): Error[];
}

/** Once per process. */
export function collectRejections(): Rejections {
  const collected: Error[] = [];
  process.on('unhandledRejection', reason => {
    collected.push(reason instanceof Error ? reason : new Error(String(reason)));
  });
  return { take: () => collected.splice(0) };
}

export async function runOnce(
  plan: Plan,
  consumer: Consumer,
  rejections: Rejections,
  options = { timeline: false },
): Promise<RunResult> {
  const result = await outsideMicrotasks(() => runPlan(plan, consumer, options));
  // Node reports them after the turn of the event loop.
  await new Promise(resolve => setImmediate(resolve));
  const [unhandled] = rejections.take();
  if (!unhandled || result.error) return result;
  return { ...result, error: new Error(`unhandled rejection: ${unhandled.stack}`) };
}

/** Two failures are the same when this is. */
export function kindOf(error: Error): string {
  return 'promise' in error ? String(error.promise) : error.message.slice(0, 60);
}
