// Chooses the condition that says how a resource does, out of all that it has: the worst of them.
import type { Reason } from './reasons.ts';

export interface ShownCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
}

/** `Degraded` and `Stalled` are bad when they hold, all others when they do not. */
export function isBad({ type, status }: ShownCondition): boolean {
  return status === (type === 'Degraded' || type === 'Stalled' ? 'True' : 'False');
}

/** Somebody must look, and it does its work. */
export function worksIn({ type, reason }: ShownCondition): boolean {
  return type === 'Healthy' || reason === ('CannotScale' satisfies Reason);
}

/** The one of a list of that one is the same. Undefined where there is none. */
export function shownCondition<T extends ShownCondition>(conditions: readonly T[]): T | undefined {
  const bad = conditions.filter(isBad);
  return (
    bad.find(each => !worksIn(each)) ??
    bad.at(-1) ??
    conditions.find(({ status }) => status === 'Unknown') ??
    conditions.find(({ type }) => type === 'Ready') ??
    conditions[0]
  );
}
