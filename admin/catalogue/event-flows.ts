// Finds the resources that send events and jobs into topics of the log, and those that
// receive them.
import { linksOf } from '../../../admin/graph/links.ts';
import { queueTopicOf, topicOf } from '../../../core/names.ts';
import { type AnyResource, type Resource, resourceKey } from '../../../resources/resource.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';

/** Resources that events or jobs wait in. */
export type Holder = Resource<'Topic'> | Resource<'Queue'>;

export interface Flow {
  readonly action: 'send' | 'receive';
  readonly by: AnyResource;
  readonly holder: Holder;
}

/** The name of the topic that the log has for a holder: one for each, in all namespaces. */
export function channelKeyOf({ kind, metadata: { namespace, name } }: Holder): string {
  return kind === 'Topic' ? topicOf(namespace, name) : queueTopicOf(namespace, name);
}

/** They come in the order of the resources. */
export function flowsOf(resources: ResourceSet): readonly Flow[] {
  const holders = new Map(holdersOf(resources).map(holder => [keyOf(holder), holder]));
  return resources.all.flatMap(by => {
    const flows = linksOf(by).flatMap(({ from, to }): Flow[] => {
      const holder = holders.get(from === keyOf(by) ? to : from);
      return holder === undefined ? [] : [{ action: from === keyOf(by) ? 'send' : 'receive', by, holder }];
    });
    return [...flows, ...ownFlowsOf(by)];
  });
}

export function holdersOf(resources: ResourceSet): readonly Holder[] {
  return [...resources.ofKind('Topic'), ...resources.ofKind('Queue')];
}

/** A Queue works its jobs itself, and schedules send what they are in. */
function ownFlowsOf(by: AnyResource): Flow[] {
  if (by.kind !== 'Topic' && by.kind !== 'Queue') return [];
  const flows: Flow[] = by.kind === 'Queue' ? [{ action: 'receive', by, holder: by }] : [];
  return (by.spec.schedules ?? []).length === 0 ? flows : [...flows, { action: 'send', by, holder: by }];
}

function keyOf({ kind, metadata }: AnyResource): string {
  return resourceKey(kind, metadata.namespace, metadata.name);
}
