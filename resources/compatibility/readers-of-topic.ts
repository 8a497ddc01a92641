// The readers of a Topic: the resources of its namespace that have it as their source.
import { topicsReadByPipeline } from '../pipeline-topics.ts';
import type { AnyResource, Resource } from '../resource.ts';

/**
 * Each reader once, such as `View "orders"`. Readers whose expressions name `field` come first, and
 * say so.
 */
export function readersOfTopic(
  { metadata: { namespace, name } }: Pick<Resource<'Topic'>, 'metadata'>,
  field: string,
  resources: readonly AnyResource[],
): string[] {
  const readers = resources.filter(
    resource => resource.metadata.namespace === namespace && topicsReadBy(resource).includes(name),
  );
  const [first = ''] = /^[A-Za-z_][A-Za-z0-9_]*/.exec(field) ?? [];
  const namesIt = new RegExp(`\\bdata\\.${first}\\b`);
  const [naming, others] = [true, false].map(wanted => [
    ...new Set(
      readers
        .filter(({ manifest }) => (first !== '' && namesIt.test(JSON.stringify(manifest))) === wanted)
        .map(({ kind, metadata }) => `${kind} "${metadata.name}"${wanted ? ` (names data.${first})` : ''}`)
        .sort(),
    ),
  ]);
  return [...(naming ?? []), ...(others ?? [])];
}

function topicsReadBy(resource: AnyResource): readonly (string | undefined)[] {
  switch (resource.kind) {
    case 'Subscription':
      return [resource.spec.topic];
    case 'View':
      return resource.spec.from;
    case 'Pipeline':
      return topicsReadByPipeline(resource);
    case 'FanOut':
      return [resource.spec.on.topic];
    case 'Strangler':
      return resource.spec.features.map(({ sync }) => sync?.topic);
    default:
      return [];
  }
}
