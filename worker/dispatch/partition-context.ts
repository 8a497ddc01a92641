// What everything that works on one partition shares.
import type { World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { CallScheduler } from './calls/call-scheduler.ts';
import type { DispatchLimits } from './limits.ts';
import type { DispatchListener } from './listener.ts';
import type { DeadLetter, DispatchSettings } from './settings.ts';
import type { Totals } from './view.ts';

export interface PartitionContext {
  readonly world: World;
  readonly log: EventLog;
  readonly settings: DispatchSettings;
  readonly limits: DispatchLimits;
  readonly listener: DispatchListener;
  readonly buried: ((letter: DeadLetter) => Promise<void>) | undefined;
  readonly scheduler: CallScheduler;
  readonly lotTopic: string;
  readonly deadTopic: string;
  readonly totals: Totals;
  /** Of a replay: from which source offset on nothing is wanted, by partition. */
  readonly until: ReadonlyMap<number, number> | undefined;
  /** Among how many partitions this process has to divide what is limited for all of them together. */
  readonly partitions: () => number;
}
