// The circuit breaker of a consumer where its target asks for pauses: how long all wait, how many
// calls a round has after that, and when single events wait by themselves.
import assert from 'node:assert/strict';
import { CircuitBreaker, MANY_EVENTS } from '../../../../worker/dispatch/calls/circuit-breaker.ts';

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

describe('a circuit breaker whose target asks for pauses', () => {
  it('rests as long as the target asks, at most a minute, and then until one call gets through', () => {
    const breaker = new CircuitBreaker();
    assert.equal(breaker.asked(0, 3_600_000), true, 'longer than it is left alone');
    assert.equal(breaker.asked(5, 3_600_000), false, 'the same rest');
    breaker.answered(false);
    assert.deepEqual([breaker.allows(59_999), breaker.allows(60_000 + 5)], [0, 1]);
    breaker.answered(false);
    assert.equal(breaker.isFlowing, true, 'it answers, if badly');
  });

  it('tries twice as many events after each rest that was kept whole, and one where the target asked for more than a minute', () => {
    const widths = (ms: number, between = (_: CircuitBreaker) => {}) => {
      const breaker = new CircuitBreaker();
      const taken: number[] = [];
      for (let round = 0, now = 0; round < 4; round++) {
        breaker.asked(now, ms);
        now = breaker.until;
        taken.push(takeAll(breaker, now));
        between(breaker);
      }
      return taken;
    };
    assert.deepEqual(
      [widths(1000), widths(60_000), widths(60_001), widths(1000, breaker => breaker.kept())],
      [
        [1, 2, 4, 8],
        [1, 2, 4, 8],
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
    );
  });

  it('while it rests as it was asked to, tries a single event a round that was tried before, and that first', () => {
    const breaker = new CircuitBreaker();
    for (let round = 0, now = 0; round < 3; round++) {
      breaker.asked(now, 1000);
      now += 1000;
      assert.deepEqual(
        [breaker.isFlowing, breaker.allows(now), breaker.wantsNew, breaker.wantsOld],
        [false, 2 ** round, false, true],
      );
      breaker.began();
      assert.deepEqual([breaker.wantsNew, breaker.wantsOld], [true, false]);
    }
    const long = new CircuitBreaker();
    long.asked(0, 60_001);
    assert.deepEqual(
      [long.allows(60_000), long.wantsOld],
      [1, false],
      'a single call is of what is new, if there is any',
    );
    const down = new CircuitBreaker();
    open(down);
    assert.deepEqual([down.allows(1000), down.wantsOld], [1, false]);
  });

  it('goes on with a round though some ask for pauses, but for what asks for more than a minute, and keeps the longest', () => {
    const breaker = new CircuitBreaker();
    breaker.asked(0, 1000);
    takeAll(breaker, 1000);
    breaker.asked(1000, 1000);
    assert.equal(breaker.allows(2000), 2);
    breaker.began();
    breaker.asked(2000, 4000);
    assert.deepEqual([breaker.allows(2001), breaker.until], [1, 6000]);
    breaker.asked(2002, 1000);
    assert.deepEqual([breaker.allows(2002), breaker.until], [1, 6000]);
    breaker.asked(2003, 60_001);
    assert.deepEqual([breaker.allows(2003), breaker.until], [0, 62_003]);
  });

  it('tries at most 64 in a round, or 16 for each second of a pause that is asked for', () => {
    const widest = (ms: number) => {
      const breaker = new CircuitBreaker();
      let most = 0;
      for (let round = 0, now = 0; round < 14; round++) {
        breaker.asked(now, ms);
        now = breaker.until;
        most = takeAll(breaker, now);
      }
      return most;
    };
    assert.deepEqual([100, 4000, 10_000, 60_000].map(widest), [64, 64, 160, 960]);
  });
});

describe('a circuit breaker that is asked for pauses by single events', () => {
  it('lets single events wait by themselves where they ask again and again while others are answered, until one that had asked is answered', () => {
    const breaker = new CircuitBreaker();
    for (let time = 0; time < 3; time++) {
      assert.equal(breaker.meansSingles, false);
      breaker.asked(0, 1000, true);
      breaker.answered(true);
    }
    assert.equal(breaker.meansSingles, true);
    const burst = new CircuitBreaker();
    for (let time = 0; time < 9; time++) burst.asked(0, 1000, true);
    assert.equal(burst.meansSingles, false, 'what asks during a rest says no more than the first');
    breaker.asked(0, 1000);
    assert.equal(breaker.isFlowing, false, 'no round was ever wider than one');
    takeAll(breaker, 1000);
    breaker.answered(true);
    breaker.asked(1000, 1000);
    assert.equal(breaker.isFlowing, true, 'one in a row');
    breaker.asked(1000, 1000);
    assert.equal(breaker.isFlowing, false, 'two in a row, and nothing else answered');
    breaker.answered(true);
    breaker.asked(1000, 1000);
    breaker.answered(true);
    breaker.asked(1000, 1000);
    assert.equal(breaker.isFlowing, true, 'others are answered in between');
    breaker.answered(true);
    breaker.kept();
    assert.equal(breaker.meansSingles, false);
    breaker.asked(1000, 1000);
    assert.deepEqual([breaker.isFlowing, takeAll(breaker, 2000)], [false, 1]);
  });

  it('finds that out by one event a round, whichever of its calls is answered first', () => {
    const breaker = new CircuitBreaker();
    breaker.asked(0, 1000);
    for (let now = 1000; now <= 3000; now += 1000) {
      assert.equal(breaker.meansSingles, false);
      takeAll(breaker, now);
      breaker.asked(now, 1000);
      breaker.asked(now, 1000, true);
      breaker.asked(now, 1000, true);
    }
    assert.equal(breaker.meansSingles, true);
  });

  it('rests all though rounds were wide, until it is known that single events are meant, and for what asks during a rest in any case', () => {
    const breaker = new CircuitBreaker();
    const widen = (now: number) => {
      for (let round = 0; round < 3; round++) {
        breaker.asked(now + round * 1000, 1000);
        takeAll(breaker, now + (round + 1) * 1000);
      }
    };
    widen(0);
    breaker.answered(true);
    breaker.asked(5000, 1000);
    assert.equal(breaker.isFlowing, false, 'nobody knows yet');
    for (let time = 0; time < 3; time++) {
      breaker.answered(true);
      breaker.asked(6000 + time, 1000, true);
    }
    assert.equal(breaker.isFlowing, true);
    for (let inRow = 0; inRow < 8; inRow++) breaker.asked(7000, 1000);
    assert.deepEqual([breaker.isFlowing, breaker.until], [false, 8000]);
    takeAll(breaker, 8000);
    breaker.asked(8001, 30_000);
    assert.deepEqual([breaker.isFlowing, breaker.until], [false, 38_001]);
    breaker.answered(true);
    assert.equal(breaker.asked(41_000, 3_600_000), false, 'no rest begins');
    assert.equal(breaker.isFlowing, true);
  });

  it('tries no more than 64 in a round of a target that is down, whatever pause is asked for meanwhile', () => {
    const breaker = new CircuitBreaker();
    open(breaker);
    let most = 0;
    for (let round = 0, now = 0; round < 10; round++) {
      breaker.asked(now, 60_000);
      now = breaker.until;
      most = Math.max(most, takeAll(breaker, now));
    }
    assert.equal(most, 64);
  });

  it('is never asked to rest for less than before, and says where it rests for less than it was asked', () => {
    const breaker = new CircuitBreaker();
    assert.deepEqual([breaker.asked(0, 5000), breaker.asked(10, 100), breaker.until], [false, false, 5000]);
    assert.deepEqual([breaker.asked(10, 9000), breaker.until], [false, 9010]);
    const other = new CircuitBreaker();
    assert.deepEqual([other.asked(0, 60_000), new CircuitBreaker().asked(0, 60_001)], [false, true]);
  });
});
