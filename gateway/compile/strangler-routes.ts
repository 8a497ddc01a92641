// The routes of a Strangler on one host: those of its features, and around them those that lead
// everything else to legacy.
import { foldsOf, type PathOptions } from '../../resources/kinds/routes/path-options.ts';
import { type Place, placesBelow, withOtherEnds } from '../../resources/kinds/routes/places-below.ts';
import type { Condition } from '../exchange/route-facts.ts';
import type { Step } from '../exchange/step.ts';
import { ANY_UPGRADE } from '../http/upgrade-request.ts';
import type { Route } from '../plan/plan.ts';
import type { Feature } from '../strangler/feature.ts';

export interface StranglerSite {
  readonly namespace: string;
  readonly name: string;
  readonly host: string | undefined;
  /** Without a trailing slash; empty for the root. */
  readonly basePath: string;
  /** Which spellings of a path are one. */
  readonly path: PathOptions;
  /** Before either side gets the request. */
  readonly first: readonly Step[];
  readonly restRoute: { readonly timeoutMs: number; readonly steps: readonly Step[] };
}

export interface MatchedFeature {
  readonly feature: Feature;
  readonly condition: Condition | undefined;
}

export function stranglerRoutes(site: StranglerSite, features: readonly MatchedFeature[]): Route[] {
  const { namespace, name, host, basePath, path: options, first, restRoute } = site;
  const base = {
    kind: 'Strangler',
    namespace,
    name,
    family: `Strangler/${namespace}/${name}`,
    host,
    folds: foldsOf(options),
    // Which side failed is nothing that a client may learn.
    alias: `the service behind ${name}`,
    logSample: 1,
    // Clients keep what they had, upgrades too.
    upgrades: ANY_UPGRADE,
  } as const;
  const featureRoute = ({ feature, condition }: MatchedFeature, place: Place): Route => ({
    ...base,
    label: feature.name,
    methods: feature.methods,
    ...place,
    condition,
    steps: [...first, feature.serve],
    // Both follow the phase, which changes while the plan stays.
    get target() {
      return feature.target;
    },
    get timeoutMs() {
      return feature.timeoutMs;
    },
  });
  const rest = (place: Place, methods: readonly string[] = []): Route => {
    return { ...base, ...restRoute, methods, ...place, condition: undefined, target: 'legacy' };
  };
  const placed = features.map(each => ({
    ...each,
    places: placesOf(basePath, each.feature.path.slice(basePath.length), options),
  }));
  // The first of equal routes counts, so written paths come before those that follow from them.
  return distinct([
    ...placed.flatMap(each => each.places.map(place => featureRoute(each, place))),
    ...placed.flatMap(({ feature: { path, methods }, places, condition }) => [
      // A request that does not meet the condition goes to legacy.
      ...(condition ? places.map(place => rest(place, methods)) : []),
      // A parameter is never empty: the path without it is none of the feature's.
      ...(/\/:[^/]*$/.test(path) ? [rest({ path: path.replace(/:[^/]*$/, ''), implied: false }, methods)] : []),
    ]),
    ...placesBelow(basePath, '/*').map(place => rest(place)),
  ]);
}

/**
 * Who takes everything below a path takes the path itself too: `/orders/*` is
 * `/orders` and what is below.
 */
function placesOf(basePath: string, path: string, { trailingSlash }: PathOptions): Place[] {
  const places = placesBelow(basePath, path);
  if (trailingSlash === 'ignore') return withOtherEnds(places);
  if (!path.endsWith('/*') || path === '/*') return places;
  return [...places, { path: basePath + path.slice(0, -2), implied: true }];
}

/** Without routes that an earlier one leaves nothing to. */
function distinct(routes: readonly Route[]): Route[] {
  const seen = new Set<string>();
  return routes.filter(({ path, implied, methods, condition }) => {
    const shape = path.replace(/:[^/]+/g, ':');
    const key = [shape, implied ?? false, methods, ...(condition?.says ?? [])].join(' ');
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
