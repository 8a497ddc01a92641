// A sink that calls: a function, an address or an aggregate gets the results of a pipeline as a
// Subscription's target gets events.
import type { Resource } from '../../resources/resource.ts';
import { type ConsumerDeps, createTarget } from '../deliver/create-consumer.ts';
import { withTimes } from '../deliver/recent-deliveries.ts';
import { type Dispatcher, startDispatcher } from '../dispatch/dispatcher.ts';
import type { DispatchObserver } from '../dispatch/observer.ts';
import type { DeadLetter, DispatchSettings } from '../dispatch/settings.ts';
import { withinAttempts } from '../plan/retry-budget.ts';
import type { CallTarget } from './topology.ts';

export interface RunCallOptions {
  readonly deps: ConsumerDeps;
  readonly pipeline: Resource<'Pipeline'>;
  /** Topic and group have the same name. */
  readonly topic: string;
  readonly target: CallTarget;
  readonly observer: DispatchObserver;
  deadLettered(letter: DeadLetter): Promise<void>;
}

/** The answer of a sink is not used. */
const MAX_ANSWER_BYTES = 64 * 1024;
const PRIORITY = 5;

export async function runCall({
  deps,
  pipeline,
  topic,
  target,
  observer,
  deadLettered,
}: RunCallOptions): Promise<Dispatcher> {
  const { namespace } = pipeline.metadata;
  const destination = createTarget(
    target,
    {
      namespace,
      consumer: `Pipeline/${namespace}/${pipeline.metadata.name}`,
      group: topic,
      source: pipeline.spec.from.topic,
      endpoint: 'topics',
      batch: false,
      timeoutMs: undefined,
      maxAnswerBytes: MAX_ANSWER_BYTES,
      priority: PRIORITY,
    },
    deps,
  );
  const { world, log, recent } = deps;
  return startDispatcher({
    world,
    log,
    settings: dispatchSettings(pipeline, topic),
    destination: withTimes(destination, { recent, group: topic, world }),
    observer,
    deadLettered,
  });
}

/** The settings of a dispatcher that reads an internal topic of the pipeline. */
export function dispatchSettings({ spec }: Resource<'Pipeline'>, topic: string): DispatchSettings {
  return {
    group: topic,
    topic,
    order: 'key',
    concurrency: spec.concurrency,
    retry: withinAttempts(spec.retry),
    delay: 0,
    onExhausted: spec.onExhausted,
    parking: spec.parking,
    deadLetterRetention: spec.deadLetter.retention,
    from: 'earliest',
    priority: PRIORITY,
    paused: false,
  };
}
