// The circuit breaker of a consumer: when it opens and closes, and how many calls
// it lets through meanwhile.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CircuitBreaker, MANY_EVENTS } from '../../../../worker/dispatch/calls/circuit-breaker.ts';

const refused = (event: number, alone = false) => ({ event: `${event}`, delivered: false, alone });
const lost = (event: number, alone = false) => ({ event: `${event}`, delivered: true, alone });

function open(breaker: CircuitBreaker, delivered = false): void {
  for (let event = 0; event < MANY_EVENTS; event++)
    breaker.unanswered(0, { event: `e${event}`, delivered, alone: false });
}

/** What may begin in this moment, all of it begun. */
function takeAll(breaker: CircuitBreaker, now: number): number {
  let taken = 0;
  for (; breaker.allows(now) > 0 && taken < 1000; taken++) breaker.began();
  return taken;
}

describe('the circuit breaker', () => {
  it('opens when many different events are not answered in a row, not when few are, however often', () => {
    const few = new CircuitBreaker();
    for (let time = 0; time < 1000; time++) few.unanswered(0, refused(time % (MANY_EVENTS - 1)));
    assert.deepEqual([few.tripped, few.isFlowing], [false, true]);
    const many = new CircuitBreaker();
    open(many);
    assert.deepEqual([many.tripped, many.isSure, many.allows(0)], [true, true, 0]);
  });

  it('opens with a single event when there is nothing else to try', () => {
    const breaker = new CircuitBreaker();
    assert.equal(breaker.unanswered(0, refused(1, true)), true);
    assert.deepEqual([breaker.tripped, breaker.isSure], [true, false]);
  });

  it('does not open while there are answers in between, good or bad', () => {
    for (const well of [true, false]) {
      const breaker = new CircuitBreaker();
      for (let event = 0; event < 1000; event++) {
        if (event % (MANY_EVENTS - 1) === 0) breaker.answered(well);
        breaker.unanswered(0, lost(event));
      }
      assert.equal(breaker.tripped, false);
    }
  });

  it('lets some calls through after a rest, rests longer each time, and closes with the first answer', () => {
    for (const well of [true, false]) {
      const breaker = new CircuitBreaker();
      open(breaker);
      let now = 0;
      const rests: number[] = [];
      for (let round = 0; round < 8; round++) {
        rests.push(breaker.until - now);
        now = breaker.until;
        assert.ok(takeAll(breaker, now) > 0);
        breaker.unanswered(now, refused(round));
      }
      assert.deepEqual(rests, [1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000]);
      assert.equal(breaker.answered(well), true);
      assert.deepEqual([breaker.tripped, breaker.allows(now)], [false, Number.POSITIVE_INFINITY]);
    }
  });

  it('tries twice as many events in each round, and of others than new ones at most eight', () => {
    const breaker = new CircuitBreaker();
    open(breaker);
    const rounds: number[] = [];
    for (let round = 0, now = 0; round < 9; round++) {
      now = breaker.until;
      assert.ok(breaker.allows(now) > 0);
      let any = 0;
      for (; breaker.allows(now) > 0 && !breaker.wantsNew; any++) breaker.began();
      assert.equal(any, Math.min(8, 2 ** round));
      rounds.push(any + takeAll(breaker, now));
    }
    assert.deepEqual(rounds, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
  });

  it('asks again every few seconds though a call that looks never ends', () => {
    const breaker = new CircuitBreaker();
    open(breaker);
    let now = 0;
    for (let round = 0; round < 5; round++) {
      now = breaker.until;
      assert.ok(takeAll(breaker, now) >= 1, 'none of them was ever answered');
    }
  });

  it('begins with a single call again where a target that was asked to be left alone turns out to be down', () => {
    const breaker = new CircuitBreaker();
    for (let now = 0; now < 4000; now += 1000) {
      breaker.asked(now, 1000);
      takeAll(breaker, now + 1000);
    }
    assert.equal(breaker.unanswered(4500, lost(1, true)), true);
    assert.deepEqual([breaker.until, takeAll(breaker, 5500)], [5500, 1]);
  });

  it('rests for as long as the target is known to be away, from the first moment and later', () => {
    const breaker = new CircuitBreaker();
    breaker.unanswered(0, { ...refused(1, true), afterMs: 20_000 });
    assert.equal(breaker.until, 20_000);
    takeAll(breaker, 20_000);
    breaker.unanswered(20_000, { ...refused(1), afterMs: 5000 });
    assert.equal(breaker.until, 22_000, 'it looks every five seconds in any case');
    breaker.unanswered(20_000, { ...refused(1), afterMs: 30_000 });
    assert.equal(breaker.until, 50_000);
  });

  it('tells once that it opens, whether other events may reach the target, and how often that answered', () => {
    const breaker = new CircuitBreaker();
    assert.equal(breaker.unanswered(0, lost(1)), false);
    assert.deepEqual([breaker.seeksOthers, breaker.answers], [false, 0]);
    assert.equal(breaker.unanswered(0, lost(2, true)), true);
    assert.equal(breaker.seeksOthers, true);
    assert.equal(breaker.unanswered(0, refused(3, true)), false);
    assert.equal(breaker.seeksOthers, false);
    breaker.unanswered(0, lost(4));
    breaker.answered(false);
    breaker.answered(true);
    assert.deepEqual([breaker.seeksOthers, breaker.answers], [false, 2]);
  });

  it('whatever happens: never stops for longer than a minute, flows after every success, and counts no answer as silence', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('answered' as const), well: fc.boolean() }),
      fc.record({
        kind: fc.constant('unanswered' as const),
        event: fc.nat(20),
        delivered: fc.boolean(),
        alone: fc.boolean(),
        afterMs: fc.constantFrom(0, 2000, 100_000),
      }),
      fc.record({ kind: fc.constant('asked' as const), ms: fc.constantFrom(100, 5000, 3_600_000) }),
      fc.record({ kind: fc.constant('passes' as const), ms: fc.nat(70_000) }),
      fc.record({ kind: fc.constant('calls' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const breaker = new CircuitBreaker();
        const silent = new Set<number>();
        let now = 0;
        let isLone = false;
        for (const one of steps) {
          if (one.kind === 'answered') {
            breaker.answered(one.well);
            silent.clear();
            isLone = false;
            if (one.well) assert.ok(breaker.isFlowing);
            assert.equal(breaker.tripped, false);
          } else if (one.kind === 'unanswered') {
            breaker.unanswered(now, { ...one, event: `${one.event}` });
            silent.add(one.event);
            isLone ||= one.alone;
          } else if (one.kind === 'asked') breaker.asked(now, one.ms);
          else if (one.kind === 'passes') now += one.ms;
          else takeAll(breaker, now);
          assert.equal(breaker.tripped, silent.size >= MANY_EVENTS || isLone);
          assert.equal(breaker.isSure, silent.size >= MANY_EVENTS);
          assert.ok(breaker.isFlowing || breaker.until <= now + 60_000, 'somebody asks again within a minute');
        }
        if (!breaker.isFlowing) assert.ok(takeAll(breaker, breaker.until) >= 1);
      }),
    );
  });
});
