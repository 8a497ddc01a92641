// Refuses more partitions for a Topic while others rely on the partitions of its keys. Windows
// would be divided, or changes overtake older ones.

import type { AnyResource, Path } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';

/**
 * `before`: the resources in force. The resources that were in force while no process ran are not
 * known here; then the Pipeline does not start.
 */
export function checkGrowth(
  before: ResourceSet | undefined,
  resources: ResourceSet,
  wrong: (resource: AnyResource, path: Path, message: string) => void,
): void {
  for (const topic of before?.ofKind('Topic') ?? []) {
    const { namespace, name } = topic.metadata;
    const now = resources.get('Topic', namespace, name);
    if (before === undefined || now === undefined || now.spec.partitions <= topic.spec.partitions) continue;
    for (const facade of syncsOf(before, namespace, name).filter(each =>
      syncsOf(resources, namespace, name).includes(each),
    )) {
      wrong(
        now,
        ['spec', 'partitions'],
        `Topic ${name} cannot get more partitions while the sync of Strangler ${facade} reads it. Keys would move, and a change could reach legacy before an older one of the same key. Stop publishing to it, and wait until "tenfold strangler show" says that nothing lags. Then take "sync" away, let the Topic grow, and put "sync" back: it goes on where it was.`,
      );
    }
  }
}

/** Features that write the changes of this Topic back into legacy. */
function syncsOf(resources: ResourceSet, namespace: string, topic: string): string[] {
  return resources
    .ofKind('Strangler')
    .filter(({ metadata }) => metadata.namespace === namespace)
    .flatMap(({ metadata, spec }) =>
      spec.features.filter(({ sync }) => sync?.topic === topic).map(feature => `${metadata.name}.${feature.name}`),
    );
}
