// The rate limits of an Api and of a route, as one aspect.
import type { Resource } from '../../resources/resource.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import type { Aspect } from '../plan/route-site.ts';
import { createLimiter } from '../rate-limit/create-limiter.ts';
import { limitRate, type NamedLimit } from '../rate-limit/limit-rate.ts';
import { createRateKey } from '../rate-limit/rate-key.ts';

type RateLimitSpec = NonNullable<Resource<'Api'>['spec']['rateLimit']>;

export const rateLimit: Aspect = ({ api, route, context, key }) => {
  const { namespace, name } = api.metadata;
  const limits = [
    route.rateLimit && compile('route', route.rateLimit, key, context),
    // One count for all routes of the Api.
    api.spec.rateLimit && compile('default', api.spec.rateLimit, `Api/${namespace}/${name}`, context),
  ].filter(limit => limit !== undefined);
  return limits.length === 0 ? undefined : limitRate(limits);
};

function compile(name: string, { rate, burst, by }: RateLimitSpec, owner: string, context: PlanContext): NamedLimit {
  const limit = { rate, burst: burst ?? Math.max(1, Math.floor(rate.count)) };
  // A limit that was changed begins anew; one that was not keeps its counts over any other change.
  const kept = `rate-limit/${owner} ${JSON.stringify([limit, by])}`;
  const limiter = context.state.keep(kept, () => createLimiter(context, owner, limit, by));
  return { name, limit, key: createRateKey(by), limiter };
}
