// Where the state of a View is kept, and which topics of the log it comes from: the same for who folds it and who reads it.
import { topicOf } from '../../core/names.ts';
import { type ViewLayout, viewLayoutOf } from '../../core/views/view-layout.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';

export interface ViewSource {
  /** Name of the Topic. */
  readonly name: string;
  /** In the log. */
  readonly topic: string;
}

/** References were checked before; a Topic that is not there is left out. */
export function sourcesOfView({ metadata, spec }: Resource<'View'>, resources: ResourceSet): ViewSource[] {
  const names = [...new Set(spec.from)];
  return names.flatMap(name => {
    const topic = resources.get('Topic', metadata.namespace, name);
    return topic ? [{ name, topic: topic.spec.kafka?.topic ?? topicOf(metadata.namespace, name) }] : [];
  });
}

export function layoutOfView(view: Resource<'View'>, resources: ResourceSet): ViewLayout {
  const { metadata, spec } = view;
  const { filter, project, table, ranking, feed, search } = spec;
  const sources = sourcesOfView(view, resources).map(({ topic }) => topic);
  return viewLayoutOf(metadata.namespace, metadata.name, { sources, filter, project, table, ranking, feed, search });
}
