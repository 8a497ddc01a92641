// The schema of the data that a consumer gets.
import type { ResourceSet } from '../../../resources/resource-set.ts';
import type { ConsumerState } from '../../../worker/event-plane.ts';

export function schemaOf(resource: ConsumerState['plan']['resource'], resources: ResourceSet): unknown {
  if (resource.kind === 'Queue') return resource.spec.schema;
  if (resource.kind === 'FanOut') return undefined;
  return resources.get('Topic', resource.metadata.namespace, resource.spec.topic)?.spec.schema;
}
