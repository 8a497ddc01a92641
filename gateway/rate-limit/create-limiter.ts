// The limiter of a limit: in memory where there is one process, over the store where
// gateways share what they count.
import { hash } from 'node:crypto';
import type { PlanContext } from '../plan/plan-context.ts';
import { createBucketClient } from './bucket-client.ts';
import { createRateLimiter, type RateLimit, type RateLimiter } from './rate-limiter.ts';
import { createSharedLimiter } from './shared-limiter.ts';

/**
 * `owner` names the limit for all gateways; `by`: what it counts apart. A limit
 * that was changed begins anew.
 */
export function createLimiter(
  { world, buckets }: Pick<PlanContext, 'world' | 'buckets'>,
  owner: string,
  limit: RateLimit,
  by: string,
  maxKeys?: number,
): RateLimiter {
  const alone = createRateLimiter(world, limit, maxKeys);
  if (!buckets) return alone;
  const mark = hash('sha256', JSON.stringify([limit, by]), 'base64url').slice(0, 12);
  return createSharedLimiter({
    world,
    limit,
    alone,
    mark,
    bucketClient: createBucketClient(world, buckets, `rates/${owner}`),
  });
}
