// Memory that waiting requests may hold: beyond it they are refused at once, so that a slow disk
// makes errors and not a growing heap.
import { TenfoldError } from '../../../core/errors.ts';
import type { MemoryBudget } from '../database.ts';

export function createMemoryBudget(maxBytes: number): MemoryBudget {
  let taken = 0;
  return {
    maxBytes,
    take(bytes) {
      if (bytes > maxBytes) {
        throw new TenfoldError(
          'body-too-large',
          `${bytes} bytes in one call are more than the ${maxBytes} that may wait to be written.`,
        );
      }
      if (taken + bytes > maxBytes) {
        throw new TenfoldError(
          'overloaded',
          `${taken} bytes wait to be written and at most ${maxBytes} may: nothing was written. Try again in a moment; if it lasts, the disk is too slow.`,
          { retryAfterSeconds: 1 },
        );
      }
      taken += bytes;
    },
    give(bytes) {
      taken -= bytes;
    },
  };
}
