// The plans that this process has begun to carry out, so that none of them is carried out twice.
import { TenfoldError } from '../../../core/errors.ts';
import { PLAN_LIFE_MS } from './plan-token.ts';

/** More would take memory without end: plans are for people, who decide less often. */
const MOST = 10_000;

export interface UsedPlans {
  /**
   * Throws `conflict` for a token that came before, and `too-many-requests` where so many have come
   * that another one cannot be remembered.
   */
  take(token: string, now: number): void;
}

/** Takes tokens whose signature was checked. Each is kept until it is good for nothing. */
export function createUsedPlans(): UsedPlans {
  const until = new Map<string, number>();
  const forget = (now: number) => {
    for (const [signature, end] of until) {
      if (end >= now) return;
      until.delete(signature);
    }
  };
  return {
    take(token, now) {
      forget(now);
      const signature = token.slice(token.lastIndexOf('.') + 1);
      if (until.has(signature)) {
        throw new TenfoldError('conflict', 'This plan was carried out, or somebody tried to. Look, and plan again.');
      }
      if (until.size >= MOST) {
        throw new TenfoldError(
          'too-many-requests',
          `In the last ten minutes this process has acted on ${MOST} plans, which is the most. Wait some minutes.`,
        );
      }
      until.set(signature, now + PLAN_LIFE_MS);
    },
  };
}
