// Explains why a request takes its route: every route that matches the path, in the order in which
// they are tried.
import { choosePreflight, readPreflight } from '../cors/preflight.ts';
import type { RequestHead } from '../http/request-head.ts';
import { noRoute } from '../plan/no-route.ts';
import type { Match, Plan, Route, RouteThere } from '../plan/plan.ts';
import { findRoute, type NoRoute } from './find-route.ts';
import { comparePaths, specificity } from './route-tree.ts';

export interface Check {
  /** e.g. `header x-client is "mobile"`. */
  readonly says: string;
  readonly holds: boolean;
}

export interface Candidate extends Match {
  readonly checks: readonly Check[];
  /** `not-reached`: a route before it takes the request, so nothing depends on its checks. */
  readonly verdict: 'takes' | 'passed-over' | 'not-reached';
  /**
   * The respect in which it is less specific than the candidate before it; `order`: in none.
   * Undefined for the first.
   */
  readonly behind: 'host' | 'path' | 'conditions' | 'order' | undefined;
}

export interface Explanation {
  readonly candidates: readonly Candidate[];
  /** Undefined when a route takes the request. */
  readonly refusal: NoRoute | undefined;
}

/**
 * `consumer`: who the request is found to come from; undefined for nobody. Whether credentials are
 * right is decided later, by the route.
 */
export function explainRoute(plan: Plan, head: RequestHead, consumer: string | undefined): Explanation {
  const preflight = readPreflight(head);
  if (preflight) {
    const candidates = plan.candidates({ ...head, method: preflight.method });
    const chosen = choosePreflight(candidates, preflight.origin);
    if (chosen) {
      const checksOf = (route: Route) => [corsCheck(route, preflight.origin)];
      return { candidates: judge(candidates, chosen.route, checksOf), refusal: undefined };
    }
  }
  const candidates = plan.candidates(head);
  const found = findRoute(plan, head);
  const first = 'route' in found ? found : undefined;
  const turnedAway = first !== undefined && !isFor(first.route, consumer);
  const taken = turnedAway ? first.next?.(consumer) : first;
  const checksOf = (route: Route): Check[] => [
    ...(route.condition?.parts ?? []).map(({ says, holds }) => ({ says, holds: holds(head) })),
    ...(route.consumers ? [{ says: saysConsumers(route.consumers), holds: isFor(route, consumer) }] : []),
    ...(turnedAway && route !== first.route ? [sameResource(route, first.route)] : []),
  ];
  const refusal = taken ? undefined : 'route' in found ? { error: noRoute(head), allowed: [] } : found;
  return { candidates: judge(candidates, taken?.route, checksOf), refusal };
}

function judge(
  candidates: readonly RouteThere[],
  taken: Route | undefined,
  checksOf: (route: Route) => readonly Check[],
): Candidate[] {
  const place = candidates.findIndex(({ route }) => route === taken);
  return candidates.map(({ barredBy, ...match }, index) => {
    const verdict = index === place ? 'takes' : place !== -1 && index > place ? 'not-reached' : 'passed-over';
    const checks = checksOf(match.route);
    const isKept = barredBy && verdict === 'passed-over' && checks.every(({ holds }) => holds);
    return {
      ...match,
      checks: isKept ? [...checks, ownedBy(barredBy)] : checks,
      verdict,
      behind: behind(candidates[index - 1]?.route, match.route),
    };
  });
}

/** As the router orders them. */
function behind(before: Route | undefined, route: Route): Candidate['behind'] {
  if (!before) return undefined;
  if (before.host !== route.host) return 'host';
  if (comparePaths(before, route) !== 0) return 'path';
  return specificity(before) === specificity(route) ? 'order' : 'conditions';
}

export function saysConsumers(consumers: ReadonlySet<string>): string {
  return `consumer is ${[...consumers].join(' or ')}`;
}

function isFor({ consumers }: Route, consumer: string | undefined): boolean {
  return consumers === undefined || (consumer !== undefined && consumers.has(consumer));
}

/**
 * A caller that a route for consumers refuses has passed the credentials of its Api, and of no
 * other.
 */
function sameResource(route: Route, first: Route): Check {
  const holds = route.kind === first.kind && route.namespace === first.namespace && route.name === first.name;
  return { says: `belongs to ${first.kind} ${first.name}, as the route for consumers before it`, holds };
}

/** A path of an Api is closed to less specific routes of others, for every method and version. */
function ownedBy({ kind, name, path }: Route): Check {
  return { says: `belongs to ${kind} ${name}, which owns ${path}`, holds: false };
}

function corsCheck({ cors }: Route, origin: string): Check {
  const shown = origin.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
  return { says: `cors allows pages of ${shown}`, holds: cors?.allows(origin) ?? false };
}
