// A batch that fails whole is cut in two until the bad event is alone. Only then does a failure
// count.
import type { Failed, Outcome } from '../../deliver/destination.ts';

export function isWholeFailure(outcomes: readonly Outcome[]): outcomes is readonly Failed[] {
  return outcomes.every(outcome => outcome.kind === 'failed');
}

export function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].filter(half => half.length > 0);
}
