// Bounds the bytes that the endpoints for events hold at the same time, so that neither a slow log nor many slow uploads fill the memory.
import { TenfoldError } from '../../core/errors.ts';

export interface Intake {
  /** Reserves bytes; throws `overloaded` when there is no room for them. */
  take(bytes: number): void;
  give(bytes: number): void;
  /** Reserved now. */
  readonly held: number;
}

const DEFAULT_BYTES = 128 * 1024 * 1024;

export function createIntake(maxBytes = DEFAULT_BYTES): Intake {
  let held = 0;
  return {
    take(bytes) {
      // One that is larger than everything may come when nothing else is there; how large it may be is checked elsewhere.
      if (held > 0 && held + bytes > maxBytes) {
        throw new TenfoldError('overloaded', 'Too many events are waiting to be written. Try again in a moment.', {
          retryAfterSeconds: 1,
        });
      }
      held += bytes;
    },
    give(bytes) {
      held -= bytes;
    },
    get held() {
      return held;
    },
  };
}
