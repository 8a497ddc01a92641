// Routes that no listener serves: they are valid, and nobody reaches them.
import { type Check, problemAt } from '../references/check.ts';
import type { AnyResource, ResourceProblem } from '../resource.ts';
import { territoriesIn } from './claims.ts';
import type { Listeners } from './listeners.ts';

export const unservedRoutes: Check = ({ resources, listeners }) =>
  resources.all.flatMap(resource => unservedIn(resource, listeners));

function unservedIn(resource: AnyResource, listeners: Listeners): ResourceProblem[] {
  const { namespace } = resource.metadata;
  const routes = territoriesIn(resource);
  if (routes.length === 0) return [];
  if (listeners.of(namespace).length === 0) {
    const message = `No listener serves the namespace "${namespace}", so no route of this is reached. Add "${namespace}" to the namespaces of a listener in the configuration.`;
    const told = problemAt(resource, ['metadata', 'namespace'], { severity: 'warning', message });
    return [{ ...told, reason: 'NotAllowedByListeners' }];
  }
  const places = Map.groupBy(routes, ({ at }) => JSON.stringify(at));
  return [...places.values()].flatMap((there): ResourceProblem[] => {
    const [first] = there;
    if (!first || there.some(({ territory }) => listeners.at(territory.host, namespace).length > 0)) return [];
    const names = listeners.of(namespace).map(({ name }) => `"${name}"`);
    const message = `The listeners of the namespace "${namespace}" (${names.join(', ')}) serve none of the hosts of this, so it is not reached. Choose a host that one of them serves, or add the host to that listener in the configuration.`;
    const told = problemAt(resource, first.at, { severity: 'warning', message });
    return [{ ...told, reason: 'NoMatchingListenerHostname' }];
  });
}

/** Names of the listeners that serve a route of the resource. */
export function listenersServing(resource: AnyResource, listeners: Listeners): string[] {
  const { namespace } = resource.metadata;
  const found = territoriesIn(resource).flatMap(({ territory }) => listeners.at(territory.host, namespace));
  return listeners.all.filter(one => found.includes(one)).map(({ name }) => name);
}
