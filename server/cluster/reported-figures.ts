// The figures of each resource with what the condition Healthy says of it, for its status in a
// cluster.
import { gather } from '../../admin/gather.ts';
import { slicesOf } from '../../admin/live/slices.ts';
import type { PlatformView } from '../../admin/platform-view.ts';
import { conditionsOf } from '../../admin/resource-state.ts';
import { type AnyResource, resourceKey } from '../../resources/resource.ts';
import { type ConsumerFigures, figuresOf } from './cluster-figures.ts';

export interface FiguresWithHealth {
  readonly figures: ConsumerFigures;
  readonly health: ReturnType<typeof conditionsOf>[number] | undefined;
}

/** By key of the resource. Figures that are not known at the moment are left out. */
export async function reportedFiguresOf(view: PlatformView): Promise<ReadonlyMap<string, FiguresWithHealth>> {
  const [figures, gathered] = await Promise.all([figuresOf(view.events), gather(view)]);
  const sliceOf = slicesOf(gathered);
  const byKey = new Map(gathered.resources.map(resource => [keyOf(resource), resource]));
  return new Map(
    [...figures].map(([key, own]) => {
      const resource = byKey.get(key);
      const conditions = resource === undefined ? [] : conditionsOf(resource, sliceOf(resource));
      return [key, { figures: own, health: conditions.find(({ type }) => type === 'Healthy') }];
    }),
  );
}

function keyOf({ kind, metadata }: AnyResource): string {
  return resourceKey(kind, metadata.namespace, metadata.name);
}
