// What becomes of events after a call of them: what is told and counted, what the breaker learns,
// and where the event goes.
import assert from 'node:assert/strict';
import { done, fail } from '../harness.ts';
import { away, later, lost, Settled, status } from './settled.ts';

describe('a call that has ended', () => {
  it('tells, counts and hands on what was handled', () => {
    const settled = new Settled();
    settled.settle(settled.item({ attempts: 1 }), done);
    assert.deepEqual(settled.told, ['0/2 done']);
    assert.deepEqual(settled.handled, [0]);
    const { attempts, delivered, failures } = settled.totals;
    assert.deepEqual([attempts, delivered, failures, settled.breaker.answers], [1, 1, 0, 1]);
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
    assert.deepEqual([settled.totals.attempts, settled.totals.failures, settled.breaker.answers], [0, 0, 1]);
    assert.ok(items.every(({ wasTried }) => wasTried));
    assert.deepEqual(settled.written, []);
  });

  it('and failed whole without an answer opens the breaker by its first event alone', () => {
    const settled = new Settled();
    for (let call = 0; call < 4; call++) {
      settled.settlement.settle([settled.item(), settled.item()], [lost, lost]);
      assert.equal(settled.breaker.tripped, false);
    }
    settled.settlement.settle([settled.item(), settled.item()], [lost, lost]);
    assert.equal(settled.breaker.tripped, true);
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
      failed: 'TargetFailed',
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

  it('is given up as cancelled or abandoned when somebody asked for that meanwhile, whatever its budget', () => {
    const settled = new Settled();
    settled.settle(settled.item({ cancelledBy: 7 }), fail());
    settled.settle(settled.item({ cancelledBy: 8, attempts: 2, cancelledAs: 'abandoned' }), fail());
    settled.isDown().settle(settled.item({ cancelledBy: 9, lastError: { message: 'before' } }), away);
    assert.deepEqual(
      settled.written.map(record => record.type === 'dead' && [record.reason, record.command, record.attempts]),
      [
        ['cancelled', 7, 1],
        ['abandoned', 8, 3],
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
      assert.equal(settled.breaker.tripped, true);
      assert.ok(settled.told.includes('trips'));
      const busy = new Settled().isBusy();
      busy.settle(busy.item(), outcome);
      assert.equal(busy.breaker.tripped, false);
    }
  });

  it('does not open by one event of which no answer came, though there is nothing else: that is an attempt', () => {
    const settled = new Settled();
    settled.settle(settled.item(), lost);
    assert.equal(settled.breaker.tripped, false);
    assert.deepEqual(settled.told, ['0/1 failed']);
  });

  it('looks for other events where those were handed over that were not answered', () => {
    const handedOver = new Settled();
    handedOver.settle(handedOver.item(), status);
    assert.equal(handedOver.breaker.seeksOthers, true);
    const nobodyThere = new Settled();
    nobodyThere.settle(nobodyThere.item(), away);
    assert.equal(nobodyThere.breaker.seeksOthers, false);
  });

  it('leaves the target alone for as long as that is known to be away', () => {
    const settled = new Settled();
    settled.settle(settled.item(), later({ down: true, afterMs: 9_000 }));
    assert.equal(settled.breaker.until, settled.world.monotonic() + 9_000);
    const silent = new Settled();
    silent.settle(silent.item(), status);
    assert.equal(silent.breaker.until, silent.world.monotonic() + 1_000);
  });

  it('takes events of the same offset in other partitions for others', () => {
    const settled = new Settled().isBusy();
    for (let offset = 0; offset < 4; offset++)
      settled.breaker.unanswered(0, { event: `3/${offset}`, delivered: true, alone: false });
    settled.settle(settled.item(), status);
    assert.equal(settled.breaker.tripped, true);
  });

  it('closes, and tells that once, with the first answer, good or bad', () => {
    for (const outcome of [done, fail()]) {
      const settled = new Settled().isDown();
      settled.settle(settled.item(), outcome);
      settled.settle(settled.item(), outcome);
      assert.equal(settled.breaker.tripped, false);
      assert.equal(settled.told.filter(text => text === 'recovers').length, 1);
      assert.equal(settled.told.filter(text => text === 'trips').length, 0);
    }
  });

  it('is nothing, where an event has a target of its own that is away or asks for a pause', () => {
    for (const outcome of [later({ own: true, down: true }), later({ own: true })]) {
      const settled = new Settled();
      for (let time = 0; time < 10; time++) settled.settle(settled.item(), outcome);
      assert.deepEqual([settled.breaker.isFlowing, settled.breaker.tripped, settled.breaker.answers], [true, false, 0]);
      assert.equal(settled.written.length, 10);
    }
  });
});
