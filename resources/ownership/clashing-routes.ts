// Routes of two namespaces that reach for the same requests, of which neither lets the other in:
// for files both are reported, as none is older.
import { formatPath } from '../load/path.ts';
import { type Check, type CheckContext, problemAt } from '../references/check.ts';
import type { ResourceProblem } from '../resource.ts';
import type { Claim } from './claims.ts';
import { clashingRoutes } from './refused-routes.ts';
import { meet, shownTerritory } from './territory.ts';

/** Empty where the owners of routes are settled already. */
export function clashesBetween({ resources, routesSettled, listeners }: CheckContext): (readonly [Claim, Claim])[] {
  if (routesSettled) return [];
  return clashingRoutes(
    resources.all.map(resource => ({ resource, createdAt: 0 })),
    listeners,
  );
}

export const routesOfOthers: Check = context => {
  const told = new Set<string>();
  return clashesBetween(context)
    .flatMap(([one, other]) => [tell(one, other), tell(other, one)])
    .filter(({ file, line, column, path, message }) => {
      const text = JSON.stringify([file, line, column, path, message]);
      return !told.has(text) && told.add(text);
    });
};

function tell(here: Claim, there: Claim): ResourceProblem {
  const { kind, metadata, locate } = there.resource;
  const { file, line } = locate(there.at);
  const shared = shownTerritory(meet(here.territory, there.territory) ?? here.territory);
  const message =
    `This and ${formatPath(there.at)} of the ${kind} "${metadata.name}" of the namespace "${metadata.namespace}" (${file}:${line}) reach for the same requests, ` +
    `those at ${shared}. Hosts and paths belong to one namespace: whoever declares them first in a cluster. Choose another host or path, or name "${here.namespace}" in allowRoutesFrom there.`;
  return { ...problemAt(here.resource, here.at, { message }), reason: 'RouteNotAllowed' };
}
