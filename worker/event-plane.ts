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
import { type Runner, runConsumer } from './plan/consumer-runner.ts';
import { type EventPlan, nameOfConsumer } from './plan/event-plan.ts';
import { trimSettled } from './plan/log-trimmer.ts';
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

export interface ConsumerState {
  readonly plan: ConsumerPlan;
  readonly runner: Runner;
}

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

/** How long a dispatcher may finish its calls before it is started anew with other settings. */
const RESTART_GRACE_MS = 5_000;

export function createEventPlane(options: EventPlaneOptions): EventPlane {
  const { world, log, store, problem } = options;
  const topics = keepTopics(world, log, problem);
  const trimmer = trimSettled(world, log, store, problem);
  const consumers = new Map<string, ConsumerState>();
  /** By group: its earlier dispatcher, while that still ends. */
  const ending = new Map<string, Promise<void>>();
  let closed = false;

  /** A dispatcher does not learn of pauses that came while it started. */
  const follow = async ({ settings }: ConsumerPlan, dispatcher: Dispatcher) => {
    if (await options.isPaused(settings.group).catch(() => settings.paused)) dispatcher.pause();
    else if (!settings.paused) dispatcher.resume();
  };

  const run = (plan: ConsumerPlan): ConsumerState => {
    const { group, topic } = plan.settings;
    const start = async () => {
      await ending.get(group);
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
    const { kind, name } = nameOfConsumer(plan);
    const failed = (error: unknown) => problem(`${kind} ${name} does not start`, error);
    return { plan, runner: runConsumer(world, start, failed) };
  };

  const stop = (group: string, { runner }: ConsumerState, graceMs: number): Promise<void> => {
    consumers.delete(group);
    const end = Promise.all([ending.get(group), runner.close(graceMs)])
      .then(() => undefined)
      .catch(error => problem(`The dispatcher of ${group} did not end well`, error))
      .finally(() => {
        if (ending.get(group) === end) ending.delete(group);
      });
    ending.set(group, end);
    return end;
  };

  return {
    apply(plan) {
      if (closed) return;
      topics.apply(plan.topics, plan.external);
      trimmer.apply(plan.trimmed);
      const wanted = new Map(plan.consumers.map(consumer => [consumer.settings.group, consumer]));
      for (const [group, state] of consumers) {
        if (wanted.get(group)?.fingerprint !== state.plan.fingerprint) void stop(group, state, RESTART_GRACE_MS);
      }
      for (const [group, consumer] of wanted) if (!consumers.has(group)) consumers.set(group, run(consumer));
    },
    topicsTried: () => topics.tried(),
    async settled() {
      await topics.tried();
      await Promise.all([...consumers.values()].map(({ runner }) => runner.tried));
    },
    get consumers() {
      return [...consumers.values()];
    },
    get missingTopics() {
      return topics.missing;
    },
    async close(graceMs) {
      closed = true;
      topics.close();
      trimmer.close();
      for (const [group, state] of consumers) void stop(group, state, graceMs);
      await Promise.all(ending.values());
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
