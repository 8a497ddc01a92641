// What both sides are told of a route that is refused: whoever declared it does not learn whose it is, as reading one namespace is no right to know others.
import type { Refusal } from '../../resources/ownership/refused-routes.ts';
import { shownTerritory } from '../../resources/ownership/territory.ts';
import { problemAt } from '../../resources/references/check.ts';
import type { ResourceProblem } from '../../resources/resource.ts';

/** An error for each route that is refused, and a warning for each resource that owns what it reaches for. */
export function toldOfRoutes(refusals: readonly Refusal[]): ResourceProblem[] {
  return refusals.flatMap(({ refused, owner, by }) => {
    const { namespace } = refused;
    const why =
      by === 'assignment'
        ? 'This installation assigned them to another namespace.'
        : 'Another namespace declared them, or what they lie below, first.';
    const message = `This reaches for requests at ${shownTerritory(refused.territory)}, which are not for the namespace "${namespace}". ${why} Choose another host or path, or ask whoever owns it to name "${namespace}" in allowRoutesFrom.`;
    const error: ResourceProblem = {
      ...problemAt(refused.resource, refused.at, { message }),
      reason: 'RouteNotAllowed',
    };
    if (!owner) return [error];
    const attempt = `The namespace "${namespace}" declared a route at ${shownTerritory(refused.territory)}, which belongs here, and it is refused. Name "${namespace}" in allowRoutesFrom if it is to be served.`;
    const warning = problemAt(owner.resource, owner.at, { severity: 'warning', message: attempt });
    return [error, { ...warning, reason: 'RouteContested' } satisfies ResourceProblem];
  });
}
