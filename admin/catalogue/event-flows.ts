// Finds the resources that send events and jobs into topics of the log, and those that
// receive them.
import { queueTopicOf, topicOf } from '../../core/names.ts';
import { type AnyResource, type Resource, resourceKey } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { linksOf } from '../graph/links.ts';

/** Resources that events or jobs wait in. */
export type Holder = Resource<'Topic'> | Resource<'Queue'>;

export interface EventFlow {
  readonly action: 'send' | 'receive';
  readonly by: AnyResource;
  readonly holder: Holder;
  /** The keys of what it leads to. */
  readonly to: readonly string[];
}

/** The name of the topic that the log has for a holder: one for each, in all namespaces. */
export function channelKeyOf({ kind, metadata: { namespace, name } }: Holder): string {
  return kind === 'Topic' ? topicOf(namespace, name) : queueTopicOf(namespace, name);
}

/** They come in the order of the resources. */
export function flowsOf(resources: ResourceSet): readonly EventFlow[] {
  return resources.all.flatMap(createFlowFinder(resources));
}

/** Finds the flows of one resource. Each call costs as much as that resource has references. */
export function createFlowFinder(resources: ResourceSet): (by: AnyResource) => readonly EventFlow[] {
  const holders = new Map(holdersOf(resources).map(holder => [keyOf(holder), holder]));
  return by => {
    const own = keyOf(by);
    const links = linksOf(by);
    const leads = links.flatMap(({ from, to }) => (from === own ? [to] : []));
    const flows = links.flatMap(({ from, to }): EventFlow[] => {
      const holder = holders.get(from === own ? to : from);
      return holder === undefined ? [] : [{ action: from === own ? 'send' : 'receive', by, holder, to: leads }];
    });
    return [...flows, ...ownFlowsOf(by, leads)];
  };
}

export function holdersOf(resources: ResourceSet): readonly Holder[] {
  return [...resources.ofKind('Topic'), ...resources.ofKind('Queue')];
}

/** A Queue works its jobs itself, and schedules and sources send what they are in. */
function ownFlowsOf(by: AnyResource, to: readonly string[]): EventFlow[] {
  if (by.kind !== 'Topic' && by.kind !== 'Queue') return [];
  const flows: EventFlow[] = by.kind === 'Queue' ? [{ action: 'receive', by, holder: by, to }] : [];
  const sends = (by.spec.schedules ?? []).length > 0 || (by.kind === 'Topic' && by.spec.source !== undefined);
  return sends ? [...flows, { action: 'send', by, holder: by, to }] : flows;
}

function keyOf({ kind, metadata }: AnyResource): string {
  return resourceKey(kind, metadata.namespace, metadata.name);
}
