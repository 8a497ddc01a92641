// Takes a route's steps one after the other, without a promise for those that need none.

import type { Exchange } from './exchange.ts';
import type { Step } from './step.ts';

export function takeSteps(exchange: Exchange, steps: readonly Step[], from = 0): void {
  try {
    for (let index = from; index < steps.length && !exchange.ended; index++) {
      const pending = steps[index]?.(exchange, steps, index);
      if (pending === undefined) continue;
      pending.then(
        () => takeSteps(exchange, steps, index + 1),
        error => exchange.fail(error),
      );
      return;
    }
  } catch (error) {
    exchange.fail(error);
  }
}
