// The targets behind the internal listener: topics, queues, views, fan-outs, objects and the cache.
// They are made with the plan, once for each resource.

import { createDataTarget } from '../accept/data-target.ts';
import { createObjectTarget } from '../blobs/object-target.ts';
import type { Target } from '../exchange/target.ts';
import { createFanOutJobTarget } from '../fan-outs/fan-out-job-target.ts';
import { internalJobEndpoint } from '../jobs/job-links.ts';
import { createJobTarget } from '../jobs/job-target.ts';
import type { CompileContext } from './plan-environment.ts';

export type EventEndpoint = 'topics' | 'queues' | 'views' | 'fan-outs' | 'blobs' | 'cache';

/** `below`: what follows the name in the path is meant, such as a job. */
export type EventTargetOf = (
  namespace: string,
  endpoint: EventEndpoint,
  name: string,
  below: boolean,
) => Target | undefined;

export function createEventTargets(context: CompileContext): EventTargetOf {
  const targets = new Map<string, Target>();
  for (const { metadata } of context.resources.ofKind('Topic')) {
    const { namespace, name } = metadata;
    targets.set(`topics/${namespace}/${name}`, context.target(namespace, { topic: name }));
    const blobs = context.endpoints?.blobs;
    if (blobs) targets.set(`topics/${namespace}/${name}/`, createDataTarget(blobs, namespace, name));
  }
  for (const resource of context.resources.ofKind('Queue')) {
    const { namespace, name } = resource.metadata;
    targets.set(`queues/${namespace}/${name}`, context.target(namespace, { queue: name }));
    const { world, endpoints } = context;
    if (endpoints) {
      const jobs = createJobTarget({ world, endpoints, queues: [resource], endpoint: internalJobEndpoint(name) });
      targets.set(`queues/${namespace}/${name}/`, jobs);
    }
  }
  for (const { metadata } of context.resources.ofKind('View')) {
    const { namespace, name } = metadata;
    targets.set(`views/${namespace}/${name}`, context.target(namespace, { view: name }));
  }
  for (const resource of context.resources.ofKind('FanOut')) {
    const { namespace, name } = resource.metadata;
    targets.set(`fan-outs/${namespace}/${name}`, context.target(namespace, { fanOut: name }));
    const { world, endpoints } = context;
    if (endpoints) {
      const jobs = createFanOutJobTarget({
        world,
        endpoints,
        fanOuts: [resource],
        endpoint: internalJobEndpoint(name, 'fan-outs'),
      });
      targets.set(`fan-outs/${namespace}/${name}/`, jobs);
    }
  }
  const blobs = context.endpoints?.blobs;
  return (namespace, endpoint, name, below) => {
    if (endpoint === 'blobs') return blobs && createObjectTarget(blobs, namespace);
    if (endpoint === 'cache') return context.endpoints?.cache.targetOf(namespace);
    return targets.get(`${endpoint}/${namespace}/${name}${below ? '/' : ''}`);
  };
}
