// Where the state of a View is kept, and which topics of the log it comes from: the same for who folds it and who reads it.
import { topicOf, viewInputTopicOf } from '../../core/names.ts';
import { type ViewLayout, viewLayoutOf } from '../../core/views/view-layout.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { isFed } from './feeders-of-view.ts';

export interface ViewSource {
  /** Name of the Topic; of what other resources feed into the View, the name that it has in the log. */
  readonly name: string;
  /** In the log. */
  readonly topic: string;
}

/** References were checked before; a Topic that is not there is left out. */
export function sourcesOfView(view: Resource<'View'>, resources: ResourceSet): ViewSource[] {
  const { namespace, name } = view.metadata;
  const sources = [...new Set(view.spec.from)].flatMap(from => {
    const topic = resources.get('Topic', namespace, from);
    return topic ? [{ name: from, topic: topic.spec.kafka?.topic ?? topicOf(namespace, from) }] : [];
  });
  const input = viewInputTopicOf(namespace, name);
  return isFed(view, resources) ? [...sources, { name: input, topic: input }] : sources;
}

export function layoutOfView(view: Resource<'View'>, resources: ResourceSet): ViewLayout {
  const { metadata, spec } = view;
  const { filter, project, table, ranking, feed, search } = spec;
  const sources = sourcesOfView(view, resources).map(({ topic }) => topic);
  return viewLayoutOf(metadata.namespace, metadata.name, { sources, filter, project, table, ranking, feed, search });
}
