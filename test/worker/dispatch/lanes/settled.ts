// A settlement among its real neighbours, and outcomes of calls, for its tests.

import type { Later, Outcome } from '../../../../worker/deliver/destination.ts';
import { CallScheduler } from '../../../../worker/dispatch/calls/call-scheduler.ts';
import type { FailedAttempt } from '../../../../worker/dispatch/failed-attempt.ts';
import { type LaneItem, Lanes } from '../../../../worker/dispatch/lanes/lanes.ts';
import { Settlement } from '../../../../worker/dispatch/lanes/settlement.ts';
import { defaultLimits } from '../../../../worker/dispatch/limits.ts';
import { silentObserver } from '../../../../worker/dispatch/observer.ts';
import type { PartitionContext } from '../../../../worker/dispatch/partition-context.ts';
import type { DispatchSettings } from '../../../../worker/dispatch/settings.ts';
import { createTotals } from '../../../../worker/dispatch/view.ts';
import { ParkingLogSteps } from '../../../../worker/dispatch/writes/parking-log-steps.ts';
import type { OwnersRecord } from '../../../../worker/parking-log/parking-log-record.ts';
import { createFakeLog } from '../../../fakes/fake-log.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { fail, settingsFor } from '../harness.ts';

export const later = (some: Partial<Later> = {}): Outcome => ({
  kind: 'later',
  afterMs: 1_000,
  error: { message: 'later' },
  ...some,
});
export const away = later({ down: true });
export const lost = fail({ doubt: 'lost' });
export const status = fail({ doubt: 'status' });

/**
 * A settlement among its real neighbours; what it gives to the parking log is never read back
 * unless it is applied here.
 */
export class Settled {
  readonly world = createFakeWorld();
  readonly lanes = new Lanes('key');
  readonly totals = createTotals();
  /** As the listener is told: offset, attempt, outcome, whether it counts. */
  readonly told: string[] = [];
  readonly written: OwnersRecord[] = [];
  readonly scheduled: string[] = [];
  readonly splits: string[] = [];
  readonly handled: number[] = [];
  readonly failed: FailedAttempt[] = [];
  readonly newest: PartitionContext['newest'] = { failure: undefined };
  readonly settlement: Settlement;
  readonly scheduler: CallScheduler;
  #offset = 0;

  constructor(retry: Partial<DispatchSettings['retry']> = {}) {
    const settings = settingsFor({
      retry: { attempts: 3, backoff: 'exponential', initial: 1_000, max: 60_000, ...retry },
    });
    const { world, lanes, totals } = this;
    this.scheduler = new CallScheduler(world, { label: 'none', deliver: async () => [] }, settings);
    const context: PartitionContext = {
      world,
      settings,
      newest: this.newest,
      totals,
      scheduler: this.scheduler,
      log: createFakeLog(),
      limits: defaultLimits(settings),
      observer: {
        ...silentObserver,
        attempted: ({ offset }, attempt, { kind }, counts) =>
          this.told.push(`${offset}/${attempt} ${kind}${counts ? '' : ', not counted'}`),
        failed: attempt => void this.failed.push(attempt),
        tripped: failing => this.told.push(failing ? 'trips' : 'recovers'),
        askedForLong: ms => this.told.push(`asks for ${ms}`),
      },
      deadLettered: undefined,
      parkingLogTopic: 'parking-log',
      deadTopic: 'dead',
      until: undefined,
      partitions: () => 1,
    };
    const schedule = ({ key }: { readonly key: string }) => void this.scheduled.push(key);
    const write = (record: OwnersRecord) => void this.written.push(record);
    const steps = new ParkingLogSteps({
      context,
      partition: 4,
      lanes,
      write,
      writeDeadLetter() {},
      schedule,
      changed() {},
    });
    this.settlement = new Settlement({
      context,
      partition: 4,
      steps,
      logNow: () => world.now(),
      schedule,
      split: parts => this.splits.push(parts.map(part => part.map(({ offset }) => offset).join(' ')).join(' | ')),
      handled: ({ offset }) => this.handled.push(offset),
    });
  }

  get breaker() {
    return this.scheduler.breaker;
  }

  item(some: Partial<LaneItem> = {}, key = `k${this.#offset}`): LaneItem {
    const record = { offset: this.#offset++, timestamp: 0, key, value: new Uint8Array(1), headers: {} };
    const item = Object.assign(this.lanes.addFresh(record, Number.POSITIVE_INFINITY), some);
    item.lane.running = item;
    return item;
  }

  /** Of one event alone. */
  settle(item: LaneItem, outcome: Outcome): void {
    item.lane.running = item;
    this.settlement.settle([item], [outcome]);
  }

  /** There is something else that could be called. */
  isBusy(): this {
    const { signal } = new AbortController();
    const none = () => [];
    this.scheduler.pause();
    this.scheduler.announce({
      partition: 0,
      signal,
      settledBelow: 0,
      hasReady: true,
      hasNew: true,
      isEmpty: false,
      rank: () => 0,
      take: none,
      settle() {},
    });
    return this;
  }

  /** The breaker is open: many different events were not answered. */
  isDown(events = 5): this {
    for (let event = 0; event < events; event++)
      this.breaker.unanswered(this.world.monotonic(), { event: `other/${event}`, delivered: false, alone: true });
    return this;
  }
}
