// What becomes of events after a call of them: what is told and counted, what the breaker learns, who bears a failure, and where the event goes.
import assert from 'node:assert/strict';
import type { Later, Outcome } from '../../../worker/deliver/destination.ts';
import { CallScheduler } from '../../../worker/dispatch/calls/call-scheduler.ts';
import { MOST_ASKS } from '../../../worker/dispatch/lanes/attribution.ts';
import { type Item, Lanes } from '../../../worker/dispatch/lanes/lanes.ts';
import { Settlement } from '../../../worker/dispatch/lanes/settlement.ts';
import { defaultLimits } from '../../../worker/dispatch/limits.ts';
import { silentListener } from '../../../worker/dispatch/listener.ts';
import type { PartitionContext } from '../../../worker/dispatch/partition-context.ts';
import type { DispatchSettings } from '../../../worker/dispatch/settings.ts';
import { createTotals } from '../../../worker/dispatch/view.ts';
import { LotSteps } from '../../../worker/dispatch/writes/lot-steps.ts';
import type { OwnersRecord } from '../../../worker/lot/lot-record.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { done, fail, settingsFor } from './harness.ts';

const TEN_MINUTES_MS = 600_000;
const later = (some: Partial<Later> = {}): Outcome => ({
  kind: 'later',
  afterMs: 1_000,
  error: { message: 'later' },
  ...some,
});
const away = later({ down: true });
const lost = fail({ doubt: 'lost' });
const status = fail({ doubt: 'status' });

/** A settlement among its real neighbours; what it gives to the parking log is never read back unless it is applied here. */
class Settled {
  readonly world = createFakeWorld();
  readonly lanes = new Lanes('key');
  readonly totals = createTotals();
  /** As the listener is told: offset, attempt, outcome, whether it counts. */
  readonly told: string[] = [];
  readonly written: OwnersRecord[] = [];
  readonly scheduled: string[] = [];
  readonly splits: string[] = [];
  readonly handled: number[] = [];
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
      totals,
      scheduler: this.scheduler,
      log: createFakeLog(),
      limits: defaultLimits(settings),
      listener: {
        ...silentListener,
        attempted: ({ offset }, attempt, { kind }, counts) =>
          this.told.push(`${offset}/${attempt} ${kind}${counts ? '' : ', not counted'}`),
        tripped: failing => this.told.push(failing ? 'trips' : 'recovers'),
        askedForLong: ms => this.told.push(`asks for ${ms}`),
      },
      buried: undefined,
      lotTopic: 'lot',
      deadTopic: 'dead',
      until: undefined,
      partitions: () => 1,
    };
    const schedule = ({ key }: { readonly key: string }) => void this.scheduled.push(key);
    const write = (record: OwnersRecord) => void this.written.push(record);
    const steps = new LotSteps({ context, partition: 4, lanes, write, bury() {}, schedule, changed() {} });
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

  get gate() {
    return this.scheduler.gate;
  }

  item(some: Partial<Item> = {}, key = `k${this.#offset}`): Item {
    const record = { offset: this.#offset++, timestamp: 0, key, value: new Uint8Array(1), headers: {} };
    const item = Object.assign(this.lanes.addFresh(record, Number.POSITIVE_INFINITY), some);
    item.lane.running = item;
    return item;
  }

  /** Of one event alone. */
  settle(item: Item, outcome: Outcome): void {
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
      take: none,
      settle() {},
    });
    return this;
  }

  /** The breaker is open: many different events were not answered. */
  isDown(events = 5): this {
    for (let event = 0; event < events; event++)
      this.gate.unanswered(this.world.monotonic(), { event: `other/${event}`, delivered: false, alone: true });
    return this;
  }
}

describe('a call that has ended', () => {
  it('tells, counts and hands on what was handled', () => {
    const settled = new Settled();
    settled.settle(settled.item({ attempts: 1 }), done);
    assert.deepEqual(settled.told, ['0/2 done']);
    assert.deepEqual(settled.handled, [0]);
    const { attempts, delivered, failures } = settled.totals;
    assert.deepEqual([attempts, delivered, failures, settled.gate.answers], [1, 1, 0, 1]);
  });

  it('has an outcome for each event, and cuts only what fails whole', () => {
    const settled = new Settled();
    const items = [settled.item(), settled.item(), settled.item()];
    settled.settlement.settle(items, [done, fail(), done]);
    assert.deepEqual(settled.told, ['0/1 done', '1/1 failed', '2/1 done']);
    assert.deepEqual(settled.handled, [0, 2]);
    assert.deepEqual(settled.splits, []);
    assert.deepEqual([settled.totals.attempts, settled.totals.failures], [3, 1]);
  });

  it('and failed whole counts for none of its events, which were tried all the same, and is told to the breaker once', () => {
    const settled = new Settled();
    const items = [settled.item({ attempts: 1 }), settled.item(), settled.item()];
    settled.settlement.settle(items, [fail(), fail(), lost]);
    assert.deepEqual(settled.told, ['0/2 failed, not counted', '1/1 failed, not counted', '2/1 failed, not counted']);
    assert.deepEqual(settled.splits, ['0 1 | 2']);
    assert.deepEqual([settled.totals.attempts, settled.totals.failures, settled.gate.answers], [0, 0, 1]);
    assert.ok(items.every(({ wasTried }) => wasTried));
    assert.deepEqual(settled.written, []);
  });

  it('and failed whole without an answer opens the breaker by its first event alone', () => {
    const settled = new Settled();
    for (let call = 0; call < 4; call++) {
      settled.settlement.settle([settled.item(), settled.item()], [lost, lost]);
      assert.equal(settled.gate.tripped, false);
    }
    settled.settlement.settle([settled.item(), settled.item()], [lost, lost]);
    assert.equal(settled.gate.tripped, true);
    assert.equal(settled.told.filter(text => text === 'trips').length, 1);
  });
});

describe('an event that failed', () => {
  it('is parked after an attempt, with what is behind it, and tried again later where it is parked already', () => {
    const settled = new Settled();
    const item = settled.item();
    settled.item({}, 'k0');
    settled.settle(item, fail());
    assert.deepEqual(
      settled.written.map(({ type }) => type),
      ['park', 'park'],
    );
    assert.equal(item.lane.running, undefined);
    const parked = settled.item({ state: 'parked', attempts: 1 });
    settled.settle(parked, fail());
    assert.deepEqual(settled.written.at(-1), {
      type: 'retry',
      event: 2,
      attempts: 2,
      at: settled.world.now() + 1500,
      wait: 1500,
      since: settled.world.now(),
      error: { message: 'no' },
    });
  });

  it('is given up with its last attempt, or at once when it is refused', () => {
    const settled = new Settled();
    settled.settle(settled.item({ attempts: 2 }), fail());
    settled.settle(settled.item(), fail({ retryable: false }));
    assert.deepEqual(
      settled.written.map(record => record.type === 'dead' && [record.event, record.attempts, record.reason]),
      [
        [0, 3, 'exhausted'],
        [1, 1, 'refused'],
      ],
    );
  });

  it('is tried for as long as the budget of time says, from its first failure on', async () => {
    const settled = new Settled({ attempts: undefined, within: 10_000 });
    const item = settled.item({ state: 'parked' });
    for (const ms of [0, 9_999, 1]) {
      await settled.world.pass(ms);
      settled.settle(item, fail());
    }
    assert.deepEqual(
      settled.written.map(({ type }) => type),
      ['retry', 'retry', 'dead'],
    );
  });

  it('is given up as cancelled when somebody asked for that meanwhile, whatever its budget', () => {
    const settled = new Settled();
    settled.settle(settled.item({ cancelledBy: 7 }), fail());
    settled.settle(settled.item({ cancelledBy: 8, attempts: 2 }), fail());
    settled.isDown().settle(settled.item({ cancelledBy: 9, lastError: { message: 'before' } }), away);
    assert.deepEqual(
      settled.written.map(record => record.type === 'dead' && [record.reason, record.command, record.attempts]),
      [
        ['cancelled', 7, 1],
        ['cancelled', 8, 3],
        ['cancelled', 9, 0],
      ],
    );
    assert.deepEqual(settled.scheduled, []);
  });

  it('hangs only where no answer came at all', () => {
    const settled = new Settled();
    for (const [outcome, hangs] of [
      [lost, true],
      [status, false],
      [fail(), false],
      [later(), false],
    ] as const) {
      const item = settled.item({ hung: !hangs });
      settled.settle(item, outcome);
      assert.deepEqual([item.hung, item.wasTried], [hangs, true]);
    }
  });
});

describe('what the breaker learns', () => {
  it('opens at the first event that never reached its target or was answered 503, where there is nothing else to try', () => {
    for (const outcome of [away, status]) {
      const settled = new Settled();
      settled.settle(settled.item(), outcome);
      assert.equal(settled.gate.tripped, true);
      assert.ok(settled.told.includes('trips'));
      const busy = new Settled().isBusy();
      busy.settle(busy.item(), outcome);
      assert.equal(busy.gate.tripped, false);
    }
  });

  it('does not open by one event of which no answer came, though there is nothing else: that is an attempt', () => {
    const settled = new Settled();
    settled.settle(settled.item(), lost);
    assert.equal(settled.gate.tripped, false);
    assert.deepEqual(settled.told, ['0/1 failed']);
  });

  it('looks for other events where those were handed over that were not answered', () => {
    const handedOver = new Settled();
    handedOver.settle(handedOver.item(), status);
    assert.equal(handedOver.gate.seeksOthers, true);
    const nobodyThere = new Settled();
    nobodyThere.settle(nobodyThere.item(), away);
    assert.equal(nobodyThere.gate.seeksOthers, false);
  });

  it('leaves the target alone for as long as that is known to be away', () => {
    const settled = new Settled();
    settled.settle(settled.item(), later({ down: true, afterMs: 9_000 }));
    assert.equal(settled.gate.until, settled.world.monotonic() + 9_000);
    const silent = new Settled();
    silent.settle(silent.item(), status);
    assert.equal(silent.gate.until, silent.world.monotonic() + 1_000);
  });

  it('takes events of the same offset in other partitions for others', () => {
    const settled = new Settled().isBusy();
    for (let offset = 0; offset < 4; offset++)
      settled.gate.unanswered(0, { event: `3/${offset}`, delivered: true, alone: false });
    settled.settle(settled.item(), status);
    assert.equal(settled.gate.tripped, true);
  });

  it('closes, and tells that once, with the first answer, good or bad', () => {
    for (const outcome of [done, fail()]) {
      const settled = new Settled().isDown();
      settled.settle(settled.item(), outcome);
      settled.settle(settled.item(), outcome);
      assert.equal(settled.gate.tripped, false);
      assert.equal(settled.told.filter(text => text === 'recovers').length, 1);
      assert.equal(settled.told.filter(text => text === 'trips').length, 0);
    }
  });

  it('is nothing, where an event has a target of its own that is away or asks for a pause', () => {
    for (const outcome of [later({ own: true, down: true }), later({ own: true })]) {
      const settled = new Settled();
      for (let time = 0; time < 10; time++) settled.settle(settled.item(), outcome);
      assert.deepEqual([settled.gate.isFlowing, settled.gate.tripped, settled.gate.answers], [true, false, 0]);
      assert.equal(settled.written.length, 10);
    }
  });
});

describe('what is put down to the target', () => {
  it('uses no attempt, stays where it is, and is tried again with the next round', () => {
    const settled = new Settled().isDown();
    const item = settled.item({ attempts: 1 });
    settled.settle(item, status);
    assert.deepEqual(settled.told, ['0/2 failed, not counted']);
    assert.deepEqual([settled.totals.attempts, settled.totals.failures], [0, 0]);
    assert.deepEqual([item.attempts, item.lane.running, item.notBefore], [1, undefined, settled.gate.until]);
    assert.deepEqual([settled.written, settled.scheduled], [[], ['k0']]);
  });

  it('is an attempt, too, where it is what opens the breaker, unless it never reached its target', () => {
    for (const [outcome, told] of [
      [status, ['trips', '0/1 failed']],
      [away, ['trips', '0/1 later, not counted']],
    ] as const) {
      const settled = new Settled();
      settled.settle(settled.item(), outcome);
      assert.deepEqual(settled.told, told);
      assert.equal(settled.written.length, outcome === status ? 1 : 0);
    }
  });

  it('counts as an attempt after ten minutes, from the first time on, and then takes ten minutes again', async () => {
    const settled = new Settled().isDown();
    const item = settled.item();
    settled.settle(item, status);
    await settled.world.pass(TEN_MINUTES_MS - 1);
    settled.settle(item, status);
    assert.deepEqual(settled.written, []);
    await settled.world.pass(1);
    settled.settle(item, status);
    assert.equal(settled.written.length, 1);
    assert.equal(item.doubts?.since, undefined, 'many events say so: the next attempt takes as long');
    settled.settle(item, status);
    assert.equal(settled.written.length, 1);
  });

  it('goes on counting where a few events say so: the event may be the reason', async () => {
    const settled = new Settled().isDown(1);
    const item = settled.item();
    settled.settle(item, status);
    await settled.world.pass(TEN_MINUTES_MS);
    settled.settle(item, status);
    settled.settle(item, status);
    assert.equal(settled.written.length, 2);
  });

  it('is that for the whole budget of time where attempts are not limited', async () => {
    const within = 3 * TEN_MINUTES_MS;
    const settled = new Settled({ attempts: undefined, within }).isDown();
    const item = settled.item();
    settled.settle(item, status);
    await settled.world.pass(within - 1);
    settled.settle(item, status);
    assert.deepEqual(settled.written, []);
    await settled.world.pass(1);
    settled.settle(item, status);
    assert.equal(settled.written.length, 1);
  });

  it('begins with what was not delivered for want of the target, and not with a pause that was asked for', () => {
    const settled = new Settled().isDown();
    const missing = settled.item();
    settled.settle(missing, away);
    assert.equal(missing.doubts?.since, settled.world.monotonic());
    const resting = new Settled();
    const asking = resting.item();
    resting.settle(asking, later());
    assert.equal(asking.doubts?.since, undefined);
    assert.deepEqual([resting.written, resting.scheduled], [[], ['k0']]);
  });
});

describe('an event that waits by itself for want of its target', () => {
  it('uses no attempt, waits longer each time, and is given up when its time is over', async () => {
    const settled = new Settled({ initial: 10_000, max: 60_000 });
    const item = settled.item({ state: 'parked', attempts: 1 });
    const alone = later({ own: true, down: true });
    const waits: unknown[] = [];
    for (let time = 0; time < 3; time++) {
      settled.settle(item, alone);
      const record = settled.written.at(-1);
      waits.push(record?.type === 'retry' && [record.attempts, record.wait]);
    }
    assert.deepEqual(waits, [
      [1, 15_000],
      [1, 30_000],
      [1, 45_000],
    ]);
    assert.equal(item.doubts?.misses, 3);
    await settled.world.pass(24 * 3_600_000);
    settled.settle(item, alone);
    const last = settled.written.at(-1);
    assert.deepEqual(last?.type === 'dead' && [last.attempts, last.reason], [1, 'exhausted']);
  });
});

describe('an event that asks for a pause', () => {
  it('rests the target, tells of a pause that is cut short, and uses no attempt', () => {
    const settled = new Settled();
    settled.settle(settled.item(), later({ afterMs: 3_600_000 }));
    assert.deepEqual(settled.told, ['asks for 3600000', '0/1 later, not counted']);
    assert.equal(settled.gate.isFlowing, false);
  });

  it('is believed for all where it asks for the first time, however many do', () => {
    const settled = new Settled();
    for (let event = 0; event < 5; event++) {
      settled.settle(settled.item(), later());
      settled.settle(settled.item(), done);
    }
    assert.equal(settled.gate.meansSingles, false);
  });

  it('leaves the target alone though a call that was under way fails meanwhile, and until one succeeds', () => {
    const settled = new Settled();
    settled.settle(settled.item(), later());
    settled.settle(settled.item(), fail());
    assert.equal(settled.gate.isFlowing, false);
    settled.settle(settled.item(), done);
    assert.equal(settled.gate.isFlowing, true);
  });

  it('again and again while others are answered is believed a few times, then it waits by itself', () => {
    const settled = new Settled();
    const item = settled.item();
    for (let asks = 1; asks <= MOST_ASKS; asks++) {
      settled.settle(item, later());
      assert.equal(item.doubts?.asks, asks);
      assert.equal(settled.written.length, asks === MOST_ASKS ? 1 : 0, `after ${asks}`);
      settled.settle(settled.item(), done);
      assert.equal(settled.gate.isFlowing, true);
    }
    settled.settle(item, later());
    assert.equal(settled.gate.isFlowing, true, 'nobody else waits for it any more');
    assert.equal(item.doubts?.asks, MOST_ASKS);
    assert.equal(settled.written.length, 2);
  });

  it('is believed anew where nobody else was answered in between', () => {
    const settled = new Settled();
    const item = settled.item();
    for (let time = 0; time < 5; time++) {
      settled.settle(item, later());
      assert.equal(item.doubts?.asks, 1);
    }
    assert.deepEqual(settled.written, []);
  });

  it('is believed anew once it was answered, and that its pause was kept is told to the breaker', () => {
    for (const outcome of [done, fail()]) {
      const settled = new Settled();
      const asked = (asks: number) => ({ since: undefined, misses: 0, asks, answers: -1 });
      const first = settled.item({ doubts: asked(1) });
      // Each asks again though others were answered since.
      for (const item of [first, settled.item({ doubts: asked(1) }), settled.item({ doubts: asked(1) })]) {
        settled.settle(item, later());
        settled.settle(settled.item(), done);
      }
      assert.equal(settled.gate.meansSingles, true);
      settled.settle(settled.item({ doubts: asked(0) }), outcome);
      assert.equal(settled.gate.meansSingles, true, 'an event that asked for no pause says nothing of that');
      settled.settle(first, outcome);
      assert.deepEqual([settled.gate.meansSingles, first.doubts?.asks], [false, 0]);
    }
  });
});
