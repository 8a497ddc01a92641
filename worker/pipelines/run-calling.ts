// A stage that calls functions on the way. Events go through it as through a Subscription, in order
// of keys, with retries and dead letters.
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import type { DeliveryItem, Destination, Outcome } from '../deliver/destination.ts';
import { withTimes } from '../deliver/recent-deliveries.ts';
import { errorToOutcome } from '../deliver/to-outcome.ts';
import { type Dispatcher, startDispatcher } from '../dispatch/dispatcher.ts';
import type { DispatchObserver } from '../dispatch/observer.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import { markOf } from '../fold/source-mark.ts';
import type { PipelinePlan } from '../plan/compile-pipelines.ts';
import { readerTopicOf } from '../plan/reader-topic.ts';
import { createOutletOf } from './create-outlet.ts';
import { type Flow, runFlow } from './flow/flow.ts';
import { addLeftOut, CallFailed, createLeftOut, type FlowTools } from './flow/flow-tools.ts';
import type { FlowItem } from './flow/item.ts';
import { internalItem } from './flow/item-codec.ts';
import type { Outlet } from './outlets/outlet.ts';
import { dispatchSettings } from './run-call.ts';
import { createSettling } from './settling.ts';
import type { CallingStagePlan } from './topology.ts';

export interface RunCallingOptions {
  readonly deps: ConsumerDeps;
  readonly plan: PipelinePlan;
  readonly stage: CallingStagePlan;
  readonly tools: FlowTools;
  readonly observer: DispatchObserver;
  deadLettered(letter: DeadLetter): Promise<void>;
}

/** Room for the numbers of the results of one event. */
const MADE_OF_ONE = 2 ** 14;

export async function runCalling(options: RunCallingOptions): Promise<Dispatcher> {
  const { deps, plan, stage, tools, observer, deadLettered } = options;
  const topic = readerTopicOf(plan.settings, stage.id);
  const outlets = stage.outlets.map(outlet => createOutletOf(outlet, { deps, plan, feeder: topic, ordered: false }));
  const { world, log, recent } = deps;
  const settling = createSettling(world, log, topic, outlets, {
    ...plan.settings,
    beside: plan.settings.others.map(other => other.topic),
  });
  const destination: Destination = {
    label: stage.id,
    deliver: (items, signal) =>
      Promise.all(
        items.map(item => {
          settling.began(item.partition, item.record);
          return deliver(stage.flow, outlets, tools, item, signal);
        }),
      ),
  };
  const settings = dispatchSettings(plan.resource, topic);
  const dispatcher = await startDispatcher({
    world,
    log,
    settings,
    destination: withTimes(destination, { recent, group: topic, world }),
    observer,
    deadLettered,
  });
  settling.start(() => dispatcher.view.partitions);
  return {
    get view() {
      return dispatcher.view;
    },
    pause: () => dispatcher.pause(),
    resume: () => dispatcher.resume(),
    async close(graceMs) {
      settling.close();
      await dispatcher.close(graceMs);
    },
  };
}

/** The results are durable before the event counts as done. */
async function deliver(
  flow: Flow,
  outlets: readonly Outlet[],
  tools: FlowTools,
  { partition, record, attempt, asksAlone }: DeliveryItem,
  signal: AbortSignal,
): Promise<Outcome> {
  const refuse = (_: FlowItem, error: unknown) => {
    throw error;
  };
  try {
    const item = internalItem(record, partition);
    const mark = markOf(record);
    // The cause as it was known at its origin, so that repeats in this topic are recognised behind
    // it.
    const cause = mark
      ? { partition: mark.partition, record: { ...record, offset: mark.offset }, base: mark.index * MADE_OF_ONE }
      : item.cause;
    const made: FlowItem[][] = outlets.map(() => []);
    const leftOut = createLeftOut();
    await runFlow(flow, [{ ...item, cause }], { outlets: made, refuse, tools, leftOut, attempt, asksAlone, signal });
    signal.throwIfAborted();
    for (const [index, outlet] of outlets.entries()) {
      const items = made[index] ?? [];
      if (items.length > 0) await outlet.put(items, refuse, signal);
    }
    addLeftOut(tools.leftOut, leftOut);
    return { kind: 'done' };
  } catch (error) {
    return error instanceof CallFailed ? error.outcome : errorToOutcome(error);
  }
}
