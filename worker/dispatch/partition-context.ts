// The context that all parts of one partition share.
import type { World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { CallScheduler } from './calls/call-scheduler.ts';
import type { FailedAttempt } from './failed-attempt.ts';
import type { DispatchLimits } from './limits.ts';
import type { DispatchObserver } from './observer.ts';
import type { DeadLetter, DispatchSettings } from './settings.ts';
import type { Totals } from './view.ts';

export interface PartitionContext {
  readonly world: World;
  readonly log: EventLog;
  readonly settings: DispatchSettings;
  readonly limits: DispatchLimits;
  readonly observer: DispatchObserver;
  readonly deadLettered: ((letter: DeadLetter) => Promise<void>) | undefined;
  readonly scheduler: CallScheduler;
  readonly parkingLogTopic: string;
  readonly deadTopic: string;
  readonly totals: Totals;
  /** Of all partitions. */
  readonly newest: { failure: FailedAttempt | undefined };
  /** For a replay: the source offset at which each partition ends. */
  readonly until: ReadonlyMap<number, number> | undefined;
  /**
   * The number of partitions among which this process divides limits that hold for all of them
   * together.
   */
  readonly partitions: () => number;
}
