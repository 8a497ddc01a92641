// The circuit breaker of a consumer where its target asks for pauses: how long all wait, how many calls a round has after that, and when single events wait by themselves.
import assert from 'node:assert/strict';
import { Gate, MANY_EVENTS } from '../../../worker/dispatch/calls/gate.ts';

function open(gate: Gate, delivered = false): void {
  for (let event = 0; event < MANY_EVENTS; event++) gate.unanswered(0, { event: `e${event}`, delivered, alone: false });
}

/** What may begin in this moment, all of it begun. */
function takeAll(gate: Gate, now: number): number {
  let taken = 0;
  for (; gate.allows(now) > 0 && taken < 1000; taken++) gate.began();
  return taken;
}

describe('a Gate whose target asks for pauses', () => {
  it('rests as long as the target asks, at most a minute, and then until one call gets through', () => {
    const gate = new Gate();
    assert.equal(gate.asked(0, 3_600_000), true, 'longer than it is left alone');
    assert.equal(gate.asked(5, 3_600_000), false, 'the same rest');
    gate.answered(false);
    assert.deepEqual([gate.allows(59_999), gate.allows(60_000 + 5)], [0, 1]);
    gate.answered(false);
    assert.equal(gate.isFlowing, true, 'it answers, if badly');
  });

  it('tries twice as many events after each rest that was kept whole, and one where the target asked for more than a minute', () => {
    const widths = (ms: number, between = (_: Gate) => {}) => {
      const gate = new Gate();
      const taken: number[] = [];
      for (let round = 0, now = 0; round < 4; round++) {
        gate.asked(now, ms);
        now = gate.until;
        taken.push(takeAll(gate, now));
        between(gate);
      }
      return taken;
    };
    assert.deepEqual(
      [widths(1000), widths(60_000), widths(60_001), widths(1000, gate => gate.kept())],
      [
        [1, 2, 4, 8],
        [1, 2, 4, 8],
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
    );
  });

  it('while it rests as it was asked to, tries a single event a round that was tried before, and that first', () => {
    const gate = new Gate();
    for (let round = 0, now = 0; round < 3; round++) {
      gate.asked(now, 1000);
      now += 1000;
      assert.deepEqual(
        [gate.isFlowing, gate.allows(now), gate.wantsNew, gate.wantsOld],
        [false, 2 ** round, false, true],
      );
      gate.began();
      assert.deepEqual([gate.wantsNew, gate.wantsOld], [true, false]);
    }
    const long = new Gate();
    long.asked(0, 60_001);
    assert.deepEqual(
      [long.allows(60_000), long.wantsOld],
      [1, false],
      'a single call is of what is new, if there is any',
    );
    const down = new Gate();
    open(down);
    assert.deepEqual([down.allows(1000), down.wantsOld], [1, false]);
  });

  it('goes on with a round though some ask for pauses, but for what asks for more than a minute, and keeps the longest', () => {
    const gate = new Gate();
    gate.asked(0, 1000);
    takeAll(gate, 1000);
    gate.asked(1000, 1000);
    assert.equal(gate.allows(2000), 2);
    gate.began();
    gate.asked(2000, 4000);
    assert.deepEqual([gate.allows(2001), gate.until], [1, 6000]);
    gate.asked(2002, 1000);
    assert.deepEqual([gate.allows(2002), gate.until], [1, 6000]);
    gate.asked(2003, 60_001);
    assert.deepEqual([gate.allows(2003), gate.until], [0, 62_003]);
  });

  it('tries at most 64 in a round, or 16 for each second of a pause that is asked for', () => {
    const widest = (ms: number) => {
      const gate = new Gate();
      let most = 0;
      for (let round = 0, now = 0; round < 14; round++) {
        gate.asked(now, ms);
        now = gate.until;
        most = takeAll(gate, now);
      }
      return most;
    };
    assert.deepEqual([100, 4000, 10_000, 60_000].map(widest), [64, 64, 160, 960]);
  });

  it('lets single events wait by themselves where they ask again and again while others are answered, until one that had asked is answered', () => {
    const gate = new Gate();
    for (let time = 0; time < 3; time++) {
      assert.equal(gate.meansSingles, false);
      gate.asked(0, 1000, true);
      gate.answered(true);
    }
    assert.equal(gate.meansSingles, true);
    const burst = new Gate();
    for (let time = 0; time < 9; time++) burst.asked(0, 1000, true);
    assert.equal(burst.meansSingles, false, 'what asks during a rest says no more than the first');
    gate.asked(0, 1000);
    assert.equal(gate.isFlowing, false, 'no round was ever wider than one');
    takeAll(gate, 1000);
    gate.answered(true);
    gate.asked(1000, 1000);
    assert.equal(gate.isFlowing, true, 'one in a row');
    gate.asked(1000, 1000);
    assert.equal(gate.isFlowing, false, 'two in a row, and nothing else answered');
    gate.answered(true);
    gate.asked(1000, 1000);
    gate.answered(true);
    gate.asked(1000, 1000);
    assert.equal(gate.isFlowing, true, 'others are answered in between');
    gate.answered(true);
    gate.kept();
    assert.equal(gate.meansSingles, false);
    gate.asked(1000, 1000);
    assert.deepEqual([gate.isFlowing, takeAll(gate, 2000)], [false, 1]);
  });

  it('finds that out by one event a round, whichever of its calls is answered first', () => {
    const gate = new Gate();
    gate.asked(0, 1000);
    for (let now = 1000; now <= 3000; now += 1000) {
      assert.equal(gate.meansSingles, false);
      takeAll(gate, now);
      gate.asked(now, 1000);
      gate.asked(now, 1000, true);
      gate.asked(now, 1000, true);
    }
    assert.equal(gate.meansSingles, true);
  });

  it('rests all though rounds were wide, until it is known that single events are meant, and for what asks during a rest in any case', () => {
    const gate = new Gate();
    const widen = (now: number) => {
      for (let round = 0; round < 3; round++) {
        gate.asked(now + round * 1000, 1000);
        takeAll(gate, now + (round + 1) * 1000);
      }
    };
    widen(0);
    gate.answered(true);
    gate.asked(5000, 1000);
    assert.equal(gate.isFlowing, false, 'nobody knows yet');
    for (let time = 0; time < 3; time++) {
      gate.answered(true);
      gate.asked(6000 + time, 1000, true);
    }
    assert.equal(gate.isFlowing, true);
    for (let inRow = 0; inRow < 8; inRow++) gate.asked(7000, 1000);
    assert.deepEqual([gate.isFlowing, gate.until], [false, 8000]);
    takeAll(gate, 8000);
    gate.asked(8001, 30_000);
    assert.deepEqual([gate.isFlowing, gate.until], [false, 38_001]);
    gate.answered(true);
    assert.equal(gate.asked(41_000, 3_600_000), false, 'no rest begins');
    assert.equal(gate.isFlowing, true);
  });

  it('tries no more than 64 in a round of a target that is down, whatever pause is asked for meanwhile', () => {
    const gate = new Gate();
    open(gate);
    let most = 0;
    for (let round = 0, now = 0; round < 10; round++) {
      gate.asked(now, 60_000);
      now = gate.until;
      most = Math.max(most, takeAll(gate, now));
    }
    assert.equal(most, 64);
  });

  it('is never asked to rest for less than before, and says where it rests for less than it was asked', () => {
    const gate = new Gate();
    assert.deepEqual([gate.asked(0, 5000), gate.asked(10, 100), gate.until], [false, false, 5000]);
    assert.deepEqual([gate.asked(10, 9000), gate.until], [false, 9010]);
    const other = new Gate();
    assert.deepEqual([other.asked(0, 60_000), new Gate().asked(0, 60_001)], [false, true]);
  });
});
