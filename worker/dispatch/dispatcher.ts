// Delivers what comes to a topic to one destination: at least once, in order of keys, with durable attempts; over the EventLog port alone.
import { TenfoldError } from '../../core/errors.ts';
import { deadTopicOf, lotTopicOf } from '../../core/names.ts';
import { sleep, type World } from '../../core/world.ts';
import type { Budgets } from '../../drivers/budgets/budgets.ts';
import type { EventLog, Member } from '../../drivers/event-log/event-log.ts';
import type { Destination } from '../deliver/destination.ts';
import { CallScheduler } from './calls/call-scheduler.ts';
import { startGroup } from './group/start-group.ts';
import { type DispatchLimits, defaultLimits } from './limits.ts';
import { type DispatchListener, silentListener } from './listener.ts';
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
  readonly listener?: DispatchListener;
  /** What this process shares with others of what holds over all of them; without it this is the only one. */
  readonly budgets?: Budgets | undefined;
  /** For a replay: by partition, the source offset from which on nothing is wanted. `view.finished` says when all before is settled. */
  readonly until?: ReadonlyMap<number, number>;
  /** For tests that need them small. */
  readonly limits?: Partial<DispatchLimits>;
  /** Called for each event that was given up, until it has resolved once; before that its dead letter does not count as confirmed. */
  readonly buried?: (letter: DeadLetter) => Promise<void>;
}

export interface Dispatcher {
  readonly view: DispatcherView;
  /** Makes no new calls; what is in flight ends. */
  pause(): void;
  resume(): void;
  /** Makes no new calls, waits at most `graceMs` for those in flight and for the log, commits and leaves the group. */
  close(graceMs: number): Promise<void>;
}

/** For the last commit and for leaving, when the grace is used up. */
const LEAST_FAREWELL_MS = 1000;

/** Rejects with what the log says when topics or positions cannot be made: the same call may succeed later. */
export async function startDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const { world, log, settings, destination } = options;
  const lotTopic = lotTopicOf(settings.group);
  const deadTopic = deadTopicOf(settings.group);
  const partitions = await startGroup(log, settings);
  const scheduler = new CallScheduler(world, destination, settings, options.budgets);
  const owners = new Map<number, PartitionOwner>();
  const context: PartitionContext = {
    world,
    log,
    settings,
    limits: { ...defaultLimits(settings), ...options.limits },
    listener: options.listener ?? silentListener,
    buried: options.buried,
    scheduler,
    lotTopic,
    deadTopic,
    totals: createTotals(),
    until: options.until,
    partitions: () => owners.size,
  };
  const member = await log.join({
    group: settings.group,
    topics: [settings.topic, lotTopic],
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
      return viewOf(settings.group, destination.label, scheduler, context.totals, views);
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
