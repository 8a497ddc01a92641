// Runs the event plan in force: makes topics and lets them grow, runs one dispatcher for each
// Subscription and Queue, and starts changed ones anew.
import type { World } from '../core/world.ts';
import type { Budgets } from '../drivers/budgets/budgets.ts';
import type { EventLog, LogRecord } from '../drivers/event-log/event-log.ts';
import type { Keys } from '../drivers/store/store.ts';
import type { Destination } from './deliver/destination.ts';
import { type Dispatcher, startDispatcher } from './dispatch/dispatcher.ts';
import type { DispatchObserver } from './dispatch/observer.ts';
import type { DeadLetter } from './dispatch/settings.ts';
import { type EventPlan, nameOfConsumer } from './plan/event-plan.ts';
import { trimSettled } from './plan/log-trimmer.ts';
import { type RunningPlan, RunningPlans } from './plan/run-plans.ts';
import { keepTopics } from './plan/topic-keeper.ts';
import type { ConsumerPlan } from './plan/topic-plan.ts';

/**
 * The handlers of a consumer: the destination of its events, and the handling of those that were
 * given up.
 */
export interface ConsumerHandlers {
  readonly destination: Destination;
  /** Called at least once for each dead letter before it counts as kept. */
  deadLettered(letter: DeadLetter): Promise<void>;
  /**
   * Called for parked events, `follower` only because of an earlier one of their key. Must not
   * throw and must be quick.
   */
  parked?(partition: number, record: LogRecord, follower: boolean): void;
}

export interface EventPlaneOptions {
  readonly world: World;
  readonly log: EventLog;
  /** The clock by which the log of jobs is kept as long as their rows. */
  readonly store: Pick<Keys, 'now'>;
  /**
   * Budgets of concurrency and rate that processes share; without them this process is the only
   * one.
   */
  readonly budgets?: Budgets | undefined;
  consumerFor(plan: ConsumerPlan): ConsumerHandlers;
  /** Whether somebody has paused the group, whatever its resource says. */
  isPaused(group: string): Promise<boolean>;
  observerFor(plan: ConsumerPlan): DispatchObserver;
  /**
   * Called when something does not go as planned: a topic that cannot be made, a dispatcher that
   * does not start.
   */
  problem(message: string, error: unknown): void;
}

export type ConsumerState = RunningPlan<ConsumerPlan, Dispatcher>;

export interface EventPlane {
  /**
   * Puts a plan in force. Unchanged parts go on. Topics and dispatchers follow as soon as they can.
   */
  apply(plan: EventPlan): void;
  /** Resolves when the parts of the newest plan are there, or one attempt at it has failed. */
  settled(): Promise<void>;
  readonly consumers: readonly ConsumerState[];
  /** Resolves when each topic of the plan is there, or one attempt to make it has failed. */
  topicsTried(): Promise<void>;
  /** Topics of the plan that are not there yet. */
  readonly missingTopics: readonly string[];
  close(graceMs: number): Promise<void>;
}

export function createEventPlane(options: EventPlaneOptions): EventPlane {
  const { world, log, store, problem } = options;
  const topics = keepTopics(world, log, problem);
  const trimmer = trimSettled(world, log, store, problem);

  /** A dispatcher does not learn of pauses that came while it started. */
  const follow = async ({ settings }: ConsumerPlan, dispatcher: Dispatcher) => {
    if (await options.isPaused(settings.group).catch(() => settings.paused)) dispatcher.pause();
    else if (!settings.paused) dispatcher.resume();
  };

  const start = async (plan: ConsumerPlan): Promise<Dispatcher> => {
    const { group, topic } = plan.settings;
    await topics.ready(topic);
    const { destination, deadLettered, parked } = options.consumerFor(plan);
    const observer = options.observerFor(plan);
    const paused = plan.settings.paused || (await options.isPaused(group));
    const dispatcher = await startDispatcher({
      world,
      log,
      settings: { ...plan.settings, paused },
      budgets: options.budgets,
      ...(plan.until ? { until: plan.until } : {}),
      destination,
      deadLettered,
      observer: parked ? alsoTelling(observer, parked) : observer,
    });
    await follow(plan, dispatcher);
    return dispatcher;
  };

  const consumers = new RunningPlans<ConsumerPlan, Dispatcher>({
    world,
    keyOf: ({ settings }) => settings.group,
    nameOf(plan) {
      const { kind, name } = nameOfConsumer(plan);
      return `${kind} ${name}`;
    },
    start,
    problem,
  });

  return {
    apply(plan) {
      if (consumers.closed) return;
      topics.apply(plan.topics, plan.external);
      trimmer.apply(plan.trimmed);
      consumers.apply(plan.consumers);
    },
    topicsTried: () => topics.tried(),
    async settled() {
      await topics.tried();
      await consumers.tried();
    },
    get consumers() {
      return consumers.running;
    },
    get missingTopics() {
      return topics.missing;
    },
    async close(graceMs) {
      topics.close();
      trimmer.close();
      await consumers.close(graceMs);
    },
  };
}

function alsoTelling(observer: DispatchObserver, parked: NonNullable<ConsumerHandlers['parked']>): DispatchObserver {
  return {
    ...observer,
    parked(partition, record, follower) {
      observer.parked(partition, record, follower);
      parked(partition, record, follower);
    },
  };
}
