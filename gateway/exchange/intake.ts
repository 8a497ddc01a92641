// Bounds the bytes that the endpoints for events hold at the same time, so that neither a slow log
// nor many slow uploads fill the memory.
import { TenfoldError } from '../../core/errors.ts';
import { FairShare } from '../../core/fair-share.ts';

/**
 * The share of one endpoint. Endpoints have shares, so that one that is flooded
 * leaves room for the others.
 */
export interface IntakeShare {
  /** Reserves bytes; throws `overloaded` when there is no room for them. */
  take(bytes: number): void;
  give(bytes: number): void;
}

export interface Intake {
  /** `party`: name of the endpoint, with its kind and namespace. */
  of(party: string): IntakeShare;
  /** Bytes that are reserved now. */
  readonly held: number;
}

const DEFAULT_BYTES = 128 * 1024 * 1024;

export function createIntake(maxBytes = DEFAULT_BYTES): Intake {
  // One that is larger than everything may come when nothing else is there; how large it
  // may be is checked elsewhere.
  const share = new FairShare(maxBytes);
  return {
    of: party => ({
      take(bytes) {
        if (share.take(party, bytes)) return;
        throw new TenfoldError('overloaded', 'Too many events are waiting to be written. Try again in a moment.', {
          retryAfterSeconds: 1,
          reason: 'limit.events',
        });
      },
      give(bytes) {
        share.give(party, bytes);
      },
    }),
    get held() {
      return share.taken;
    },
  };
}
