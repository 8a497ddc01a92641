// Which topics of the log a View comes from, and what decides what it keeps: the same for who
// folds it and who reads it.
import { topicOf, viewInputTopicOf } from '../../core/names.ts';
import { definitionOf } from '../../core/views/view-layout.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { isFed } from './feeders-of-view.ts';

export interface ViewSource {
  /**
   * Name of the Topic; of what other resources feed into the View, the name that it has in the log.
   */
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

/** Stands for all that decides what a View keeps: another one needs another generation. */
export function definitionOfView(view: Resource<'View'>, resources: ResourceSet): string {
  const { filter, project, table, ranking, feed, search, aggregate } = view.spec;
  const sources = sourcesOfView(view, resources).map(({ topic }) => topic);
  return definitionOf({ sources, filter, project, table, ranking, feed, search, aggregate });
}
