// Everything a route can declare, in the order in which it happens to a request.
import { limitBody } from '../steps/limit-body.ts';
import type { Aspect, TargetPolicy } from './route-site.ts';

export const aspects: readonly Aspect[] = [({ route }) => limitBody(route.request.maxBody)];

/** From the inside out: the first is nearest to the target. */
export const targetPolicies: readonly TargetPolicy[] = [];
