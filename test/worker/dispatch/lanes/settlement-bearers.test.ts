// Who bears that a call was no success: what is put down to the target, what waits by itself,
// and what asks for a pause.
import assert from 'node:assert/strict';
import { MOST_ASKS } from '../../../../worker/dispatch/lanes/attempt-rules.ts';
import { done, fail } from '../harness.ts';
import { away, later, Settled, status } from './settled.ts';

const TEN_MINUTES_MS = 600_000;

describe('what is put down to the target', () => {
  it('uses no attempt, stays where it is, and is tried again with the next round', () => {
    const settled = new Settled().isDown();
    const item = settled.item({ attempts: 1 });
    settled.settle(item, status);
    assert.deepEqual(settled.told, ['0/2 failed, not counted']);
    assert.deepEqual([settled.totals.attempts, settled.totals.failures], [0, 0]);
    assert.deepEqual([item.attempts, item.lane.running, item.notBefore], [1, undefined, settled.breaker.until]);
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
    assert.equal(settled.breaker.isFlowing, false);
  });

  it('is believed for all where it asks for the first time, however many do', () => {
    const settled = new Settled();
    for (let event = 0; event < 5; event++) {
      settled.settle(settled.item(), later());
      settled.settle(settled.item(), done);
    }
    assert.equal(settled.breaker.meansSingles, false);
  });

  it('leaves the target alone though a call that was under way fails meanwhile, and until one succeeds', () => {
    const settled = new Settled();
    settled.settle(settled.item(), later());
    settled.settle(settled.item(), fail());
    assert.equal(settled.breaker.isFlowing, false);
    settled.settle(settled.item(), done);
    assert.equal(settled.breaker.isFlowing, true);
  });

  it('again and again while others are answered is believed a few times, then it waits by itself', () => {
    const settled = new Settled();
    const item = settled.item();
    for (let asks = 1; asks <= MOST_ASKS; asks++) {
      settled.settle(item, later());
      assert.equal(item.doubts?.asks, asks);
      assert.equal(settled.written.length, asks === MOST_ASKS ? 1 : 0, `after ${asks}`);
      settled.settle(settled.item(), done);
      assert.equal(settled.breaker.isFlowing, true);
    }
    settled.settle(item, later());
    assert.equal(settled.breaker.isFlowing, true, 'nobody else waits for it any more');
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
      assert.equal(settled.breaker.meansSingles, true);
      settled.settle(settled.item({ doubts: asked(0) }), outcome);
      assert.equal(settled.breaker.meansSingles, true, 'an event that asked for no pause says nothing of that');
      settled.settle(first, outcome);
      assert.deepEqual([settled.breaker.meansSingles, first.doubts?.asks], [false, 0]);
    }
  });
});
