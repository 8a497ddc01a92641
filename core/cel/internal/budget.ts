// Counts the work of one evaluation and ends it when it becomes too much.
import { EvaluationError } from '@marcbachmann/cel-js';
import { MAX_UNITS } from '../limits.ts';

export interface Budget {
  reset(): void;
  spend(units: number): void;
}

export function createBudget(): Budget {
  let left = MAX_UNITS;
  let exceeded: EvaluationError | undefined;
  return {
    reset() {
      left = MAX_UNITS;
    },
    spend(units) {
      left -= units;
      if (left >= 0) return;
      // Made once: `exists` and `||` catch errors and go on, so that it may be thrown many times in
      // one evaluation; a stack each would cost more.
      exceeded ??= new EvaluationError({ code: 'budget_exceeded', message: 'the evaluation takes too long' });
      throw exceeded;
    },
  };
}

/** The cost of one look at `value`: the characters of a text, the items of a list. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length + 1;
  return 1;
}

/** Spends what comparing `value` with something equal costs: every value inside it. */
export function spendDeeply(value: unknown, budget: Budget): void {
  budget.spend(sizeOf(value));
  if (Array.isArray(value)) {
    for (const item of value) spendDeeply(item, budget);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const item of Object.values(value)) spendDeeply(item, budget);
  }
}
