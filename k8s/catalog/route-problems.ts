// The problems that both sides see of a route that is refused. The author of the route does not
// learn who owns it, as access to one namespace gives no right to know others.
import type { Refusal } from '../../resources/ownership/refused-routes.ts';
import { shownTerritory } from '../../resources/ownership/territory.ts';
import { problemAt } from '../../resources/references/check.ts';
import type { AnyResource, ResourceProblem } from '../../resources/resource.ts';

/**
 * At most so many owners learn of a resource that claims everything: it must not cost a write for
 * each object of the cluster.
 */
const MOST_TOLD = 20;

/**
 * An error for each route that is refused, and a warning for each resource that owns the claimed
 * part.
 */
export function routeProblems(refusals: readonly Refusal[]): ResourceProblem[] {
  const toldOf = new Map<AnyResource, number>();
  return refusals.flatMap(({ refused, owner, by }) => {
    const { namespace } = refused;
    const why =
      by === 'assignment'
        ? 'This installation assigned them to another namespace.'
        : 'Another namespace declared them, or what they lie below, first.';
    const message = `This reaches for requests at ${shownTerritory(refused.territory)}, which are not for the namespace "${namespace}". ${why} Choose another host or path, or ask its owner to name "${namespace}" in allowRoutesFrom.`;
    const error: ResourceProblem = {
      ...problemAt(refused.resource, refused.at, { message }),
      reason: 'RouteNotAllowed',
    };
    const told = toldOf.get(refused.resource) ?? 0;
    if (!owner || told === MOST_TOLD) return [error];
    toldOf.set(refused.resource, told + 1);
    const attempt = `The namespace "${namespace}" declared a route at ${shownTerritory(refused.territory)}, which belongs here, and it is refused. Name "${namespace}" in allowRoutesFrom if it is to be served.`;
    const warning = problemAt(owner.resource, owner.at, { severity: 'warning', message: attempt });
    return [error, { ...warning, reason: 'RouteContested' } satisfies ResourceProblem];
  });
}
