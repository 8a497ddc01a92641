// Features that this version of the gateway does not have yet: named when a resource asks for one,
// never ignored.
import type { AnyResource, Finding } from '../../resources/resource.ts';

/**
 * Members of `spec` that change what a client may do or gets: without them the
 * resource must not be served.
 */
const API: readonly string[] = [];
const API_ROUTE: readonly string[] = [];
const MATCH: readonly string[] = [];
const REQUEST: readonly string[] = [];
const TARGETS: readonly string[] = [];
/** The client of a facade would be told of a job that it cannot ask for. */
const FEATURE_TARGETS = ['queue', 'view', 'fanOut', ...TARGETS];
const FUNCTION: readonly string[] = [];

export function findUnsupported(resource: AnyResource): Finding[] {
  const { kind } = resource;
  const problems: Finding[] = [];
  const error = (path: readonly (string | number)[], what: string) =>
    problems.push({
      severity: 'error',
      resource,
      path,
      message: `${what} is not served by this version. Remove it, or wait for a version that does it.`,
    });
  const spec = memberOf(resource.manifest, 'spec');
  const named = (value: unknown, names: readonly string[], path: readonly (string | number)[]) => {
    for (const name of names) if (memberOf(value, name) !== undefined) error([...path, name], `"${name}"`);
  };

  const namedTargets = (to: unknown, targets: readonly string[], path: readonly (string | number)[]) => {
    if (!Array.isArray(to)) return named(to, targets, path);
    for (const [index, target] of to.entries()) named(target, targets, [...path, index]);
  };

  if (kind === 'Function') {
    named(spec, FUNCTION, ['spec']);
  } else if (kind === 'Strangler') {
    const features = memberOf(spec, 'features');
    for (const [index, feature] of (Array.isArray(features) ? features : []).entries()) {
      namedTargets(memberOf(feature, 'to'), FEATURE_TARGETS, ['spec', 'features', index, 'to']);
    }
  } else {
    named(spec, API, ['spec']);
    const routes = memberOf(spec, 'routes');
    for (const [index, route] of (Array.isArray(routes) ? routes : []).entries()) {
      const path = ['spec', 'routes', index];
      named(route, API_ROUTE, path);
      named(memberOf(route, 'match'), MATCH, [...path, 'match']);
      named(memberOf(route, 'request'), REQUEST, [...path, 'request']);
      namedTargets(memberOf(route, 'to'), TARGETS, [...path, 'to']);
    }
  }
  return problems;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
