// Finds the route that takes a request, or the reason why none does, for the public listener and
// for `explain`.
import { TenfoldError } from '../../core/errors.ts';
import { findPreflight } from '../cors/preflight.ts';
import type { RequestHead } from '../http/request-head.ts';
import { noRoute } from '../plan/no-route.ts';
import type { Match, Plan } from '../plan/plan.ts';
import { explainVersion } from './version.ts';

export interface NoRoute {
  readonly error: TenfoldError;
  /**
   * The methods that would find a route there, for `Allow`; empty unless only the method is wrong.
   */
  readonly allowed: readonly string[];
}

export function findRoute(plan: Plan, head: RequestHead): Match | NoRoute {
  if (head.method === 'TRACE' || head.method === 'CONNECT') {
    return { error: new TenfoldError('method-not-allowed', `${head.method} is not served here.`), allowed: [] };
  }
  const match = findPreflight(plan, head) ?? plan.find(head);
  if (match) return match;
  const allowed = plan.allowedMethods(head);
  if (allowed.length === 0) return { error: explainVersion(plan, head) ?? noRoute(head), allowed };
  const message = `${head.path} takes ${allowed.join(', ')}, not ${head.method}.`;
  return { error: new TenfoldError('method-not-allowed', message), allowed };
}
