// Everything a route can declare, in the order in which it happens to a request.
import { limitBody } from '../steps/limit-body.ts';
import { bodyForRetries, cache, compression, phases, requestSchema, resilience } from './route-policies.ts';
import type { Aspect, TargetPolicy } from './route-site.ts';

export const aspects: readonly Aspect[] = [
  ({ route }) => limitBody(route.request.maxBody),
  phases,
  requestSchema,
  compression,
  cache,
  bodyForRetries,
];

/** From the inside out: the first is nearest to the target. */
export const targetPolicies: readonly TargetPolicy[] = [resilience];
