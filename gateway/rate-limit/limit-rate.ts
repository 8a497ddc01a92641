// The step that counts a request against one or two limits, tells the client how much is left, and
// refuses requests over them.
import { TenfoldError } from '../../core/errors.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Step } from '../exchange/step.ts';
import { limitField, policyField, toSeconds } from './rate-fields.ts';
import type { RateKey } from './rate-key.ts';
import type { RateDecision, RateLimit, RateLimiter } from './rate-limiter.ts';

export interface NamedLimit {
  /** Tells the limits of an answer apart. */
  readonly name: string;
  readonly limit: RateLimit;
  readonly limiter: RateLimiter;
  readonly key: RateKey;
}

/**
 * Taken in order, so the narrower limit comes first: what it refuses uses up nothing of the other.
 */
export function limitRate(limits: readonly NamedLimit[]): Step {
  const policy = limits.map(({ name, limit }) => policyField(name, limit)).join(', ');

  const tell = (exchange: Exchange, decisions: readonly RateDecision[]) => {
    const left = decisions.map((decision, index) => limitField(limits[index]?.name ?? '', decision)).join(', ');
    exchange.response.addFields('ratelimit-policy', policy, 'ratelimit', left);
    const last = decisions.at(-1);
    if (last?.allowed !== false) return;
    const retryAfterSeconds = toSeconds(last.retryAfterMs);
    const message = `The rate limit is reached. Try again in ${retryAfterSeconds} s.`;
    exchange.fail(new TenfoldError('too-many-requests', message, { retryAfterSeconds }));
  };

  const take = (exchange: Exchange, decisions: RateDecision[]): void | Promise<void> => {
    for (const { limiter, key } of limits.slice(decisions.length)) {
      const taken = limiter.take(key(exchange.request));
      if (taken instanceof Promise) {
        return taken.then(decision => {
          decisions.push(decision);
          return decision.allowed ? take(exchange, decisions) : tell(exchange, decisions);
        });
      }
      decisions.push(taken);
      if (!taken.allowed) break;
    }
    tell(exchange, decisions);
  };
  return exchange => take(exchange, []);
}
