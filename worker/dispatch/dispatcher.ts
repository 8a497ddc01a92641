// Delivers the events of a topic to one destination: at least once, in the order of keys, with
// durable attempts; over the EventLog port alone.
import { TenfoldError } from '../../core/errors.ts';
import { deadTopicOf, parkingLogTopicOf } from '../../core/names.ts';
import { sleep, type World } from '../../core/world.ts';
import type { Budgets } from '../../drivers/budgets/budgets.ts';
import type { EventLog, Member } from '../../drivers/event-log/event-log.ts';
import type { Destination } from '../deliver/destination.ts';
import { CallScheduler } from './calls/call-scheduler.ts';
import { startGroup } from './group/start-group.ts';
import { type DispatchLimits, defaultLimits } from './limits.ts';
import { type DispatchObserver, silentObserver } from './observer.ts';
import type { PartitionContext } from './partition-context.ts';
import { PartitionOwner } from './partition-owner.ts';
import type { DeadLetter, DispatchSettings } from './settings.ts';
import { startUpkeep } from './upkeep.ts';
import { createTotals, type DispatcherView } from './view.ts';
import { viewOf } from './view-of.ts';

export interface DispatcherOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly settings: DispatchSettings;
  readonly destination: Destination;
  readonly observer?: DispatchObserver;
  /** Budgets that this process shares with others. Without them, this process is the only one. */
  readonly budgets?: Budgets | undefined;
  /**
   * For a replay: the source offset at which each partition ends. `view.finished` says when all
   * before is settled.
   */
  readonly until?: ReadonlyMap<number, number>;
  /** For tests that need them small. */
  readonly limits?: Partial<DispatchLimits>;
  /**
   * Called for each event that was given up, until it has resolved once. Before that its dead
   * letter does not count as confirmed.
   */
  readonly deadLettered?: (letter: DeadLetter) => Promise<void>;
}

export interface Dispatcher {
  readonly view: DispatcherView;
  /** Makes no new calls; calls in flight end. */
  pause(): void;
  resume(): void;
  /**
   * Makes no new calls and waits at most `graceMs` for those in flight and for the log. Then it
   * commits and leaves the group.
   */
  close(graceMs: number): Promise<void>;
}

/** Time for the last commit and for leaving, when the grace is used up. */
const LEAST_FAREWELL_MS = 1000;

/**
 * Rejects with the error of the log when topics or positions cannot be made. The same call may
 * succeed later.
 */
export async function startDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const { world, log, settings, destination } = options;
  const parkingLogTopic = parkingLogTopicOf(settings.group);
  const deadTopic = deadTopicOf(settings.group);
  const partitions = await startGroup(log, settings);
  const scheduler = new CallScheduler(world, destination, settings, options.budgets);
  const owners = new Map<number, PartitionOwner>();
  const context: PartitionContext = {
    world,
    log,
    settings,
    limits: { ...defaultLimits(settings), ...options.limits },
    observer: options.observer ?? silentObserver,
    deadLettered: options.deadLettered,
    scheduler,
    parkingLogTopic,
    deadTopic,
    totals: createTotals(),
    newest: { failure: undefined },
    until: options.until,
    partitions: () => owners.size,
  };
  const member = await log.join({
    group: settings.group,
    topics: [settings.topic, parkingLogTopic],
    assigned(partition) {
      const owner = new PartitionOwner(context, partition);
      owners.set(partition.partition, owner);
      void owner.run().then(() => {
        if (owners.get(partition.partition) === owner) owners.delete(partition.partition);
      });
    },
  });
  const upkeep = startUpkeep(context, owners, partitions);
  return {
    get view() {
      const views = [...owners.values()].map(owner => owner.view);
      return viewOf({ group: settings.group, label: destination.label }, context, views);
    },
    pause: () => scheduler.pause(),
    resume: () => scheduler.resume(),
    close: graceMs => {
      upkeep.close();
      return close(context, scheduler, owners, member, graceMs);
    },
  };
}

async function close(
  { world }: PartitionContext,
  scheduler: CallScheduler,
  owners: ReadonlyMap<number, PartitionOwner>,
  member: Member,
  graceMs: number,
): Promise<void> {
  const deadline = world.monotonic() + graceMs;
  const within = (work: Promise<unknown>, ms: number) => Promise.race([work, sleep(world, Math.max(0, ms))]);
  await within(scheduler.close(), deadline - world.monotonic());
  const farewell = Math.max(LEAST_FAREWELL_MS, deadline - world.monotonic());
  await within(Promise.allSettled([...owners.values()].map(owner => owner.finish())), farewell);
  const reason = new TenfoldError('shutting-down', 'the dispatcher has closed');
  for (const owner of owners.values()) owner.stop(reason);
  await within(Promise.allSettled([member.leave()]), LEAST_FAREWELL_MS);
}
