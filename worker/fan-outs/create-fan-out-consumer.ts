// Composes the handlers of a FanOut for its dispatchers: the destinations of jobs, items and
// results, and the handling of those that are given up.
import type { Resource } from '../../resources/resource.ts';
import { createCallDestination } from '../deliver/call-destination.ts';
import { type Consumer, type ConsumerDeps, topicPublisherOf } from '../deliver/create-consumer.ts';
import { createDeadLetterPublisher } from '../deliver/dead-letter-topic.ts';
import type { Destination } from '../deliver/destination.ts';
import { fanOutSettingsOf } from '../plan/compile-fan-outs.ts';
import type { ConsumerPlan } from '../plan/topic-plan.ts';
import type { FanOutSite } from './fan-out-settings.ts';
import { createGatherDestination, gatherDeadLettered } from './gather-destination.ts';
import { createItemsDestination, itemDeadLettered } from './items-destination.ts';
import { createJobWatch } from './job-watch.ts';
import { createSplitDestination, splitDeadLettered } from './split-destination.ts';
import { createExpressionSplitter, createFunctionSplitter } from './splitter.ts';
import { createStartDestination } from './start-destination.ts';

const MAX_RESULT_BYTES = 8 * 1024 * 1024;
const PRIORITY = 5;

export function createFanOutConsumer(
  role: ConsumerPlan['role'],
  resource: Resource<'FanOut'>,
  deps: ConsumerDeps,
): Consumer {
  const { world, log, store, blobs } = deps;
  const { metadata, spec } = resource;
  const { namespace, name } = metadata;
  const settings = fanOutSettingsOf(resource);
  const site: FanOutSite = { world, log, store, blobs, settings };
  switch (role) {
    case 'starts': {
      const { starters: group } = settings.layout;
      const source = spec.on.topic ?? '';
      return {
        destination: createStartDestination({ log, namespace, fanOut: name, group, source }),
        deadLettered: async () => {},
      };
    }
    case 'splits': {
      const { split } = spec;
      const splitter =
        typeof split === 'string'
          ? createExpressionSplitter(split)
          : createFunctionSplitter(world, deps.callerOf(namespace, split, 'fan-out'), {
              namespace,
              consumer: `FanOut/${namespace}/${name}/${role}`,
              priority: PRIORITY,
            });
      return {
        destination: createSplitDestination(site, splitter),
        deadLettered: letter => splitDeadLettered(site, letter),
      };
    }
    case 'items': {
      const publish = publisherOf(resource, settings.layout.items, deps);
      return {
        destination: createItemsDestination({
          site,
          watch: createJobWatch(site),
          inner: workerOf(resource, settings.layout.items, deps),
          later: spec.worker.fanOut !== undefined,
        }),
        async deadLettered(letter) {
          await itemDeadLettered(site, letter);
          await publish?.(letter);
        },
      };
    }
    case 'gathers': {
      const { gather } = spec;
      if (gather === undefined) throw new Error(`FanOut ${name} gathers nothing.`);
      const caller = deps.callerOf(namespace, { function: gather.function }, 'fan-out');
      return {
        destination: createGatherDestination({
          site,
          caller,
          consumer: `FanOut/${namespace}/${name}/${role}`,
          timeoutMs: gather.timeout,
        }),
        deadLettered: letter => gatherDeadLettered(site, letter),
      };
    }
    default:
      throw new Error(`A FanOut has no ${role}.`);
  }
}

function workerOf({ metadata, spec }: Resource<'FanOut'>, group: string, deps: ConsumerDeps): Destination {
  const { worker } = spec;
  const { namespace, name } = metadata;
  if (worker.fanOut !== undefined) {
    const { fanOut } = worker;
    return createStartDestination({ log: deps.log, namespace, fanOut, group, source: name, parent: name });
  }
  return createCallDestination({
    world: deps.world,
    namespace,
    consumer: `FanOut/${namespace}/${name}`,
    caller: deps.callerOf(namespace, { function: worker.function, url: worker.url }, 'fan-out'),
    topic: name,
    endpoint: 'queues',
    batch: worker.batch !== undefined,
    timeoutMs: worker.timeout,
    maxAnswerBytes: MAX_RESULT_BYTES,
    priority: PRIORITY,
    group,
  });
}

function publisherOf({ metadata, spec }: Resource<'FanOut'>, group: string, deps: ConsumerDeps) {
  const { topic } = spec.deadLetter;
  if (topic === undefined) return undefined;
  const publisher = topicPublisherOf(deps, metadata.namespace, topic);
  return createDeadLetterPublisher(group, metadata.name, publisher, deps.problem);
}
