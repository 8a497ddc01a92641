// Whether other resources feed a View: those whose events or results go `to: { view }`. A route or
// a part that leads to one asks it.
import type { Target } from '../kinds/fields/target.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';

type Aim = Pick<Target, 'view'>;

export function isFed({ metadata }: Resource<'View'>, resources: ResourceSet): boolean {
  const { namespace, name } = metadata;
  const feeds = (aims: readonly Aim[]) => aims.some(({ view }) => view === name);
  for (const kind of ['Subscription', 'Queue'] as const) {
    if (resources.ofKind(kind).some(one => one.metadata.namespace === namespace && feeds([one.spec.to].flat())))
      return true;
  }
  return resources.ofKind('Pipeline').some(one => one.metadata.namespace === namespace && feeds(sinksOf(one)));
}

function sinksOf({ spec }: Resource<'Pipeline'>): Aim[] {
  return [...spec.to, ...spec.steps.flatMap(({ branch }) => branch ?? []).flatMap(({ to }) => to)];
}
