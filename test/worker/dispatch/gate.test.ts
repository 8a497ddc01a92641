// The circuit breaker of a consumer: when it opens and closes, and how many calls it lets through meanwhile.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Gate, MANY_EVENTS } from '../../../worker/dispatch/calls/gate.ts';

const refused = (event: number, alone = false) => ({ event: `${event}`, delivered: false, alone });
const lost = (event: number, alone = false) => ({ event: `${event}`, delivered: true, alone });

function open(gate: Gate, delivered = false): void {
  for (let event = 0; event < MANY_EVENTS; event++) gate.unanswered(0, { event: `e${event}`, delivered, alone: false });
}

/** What may begin in this moment, all of it begun. */
function takeAll(gate: Gate, now: number): number {
  let taken = 0;
  for (; gate.allows(now) > 0 && taken < 1000; taken++) gate.began();
  return taken;
}

describe('Gate', () => {
  it('opens when many different events are not answered in a row, not when few are, however often', () => {
    const few = new Gate();
    for (let time = 0; time < 1000; time++) few.unanswered(0, refused(time % (MANY_EVENTS - 1)));
    assert.deepEqual([few.tripped, few.isFlowing], [false, true]);
    const many = new Gate();
    open(many);
    assert.deepEqual([many.tripped, many.isSure, many.allows(0)], [true, true, 0]);
  });

  it('opens with a single event when there is nothing else to try', () => {
    const gate = new Gate();
    assert.equal(gate.unanswered(0, refused(1, true)), true);
    assert.deepEqual([gate.tripped, gate.isSure], [true, false]);
  });

  it('does not open while there are answers in between, good or bad', () => {
    for (const well of [true, false]) {
      const gate = new Gate();
      for (let event = 0; event < 1000; event++) {
        if (event % (MANY_EVENTS - 1) === 0) gate.answered(well);
        gate.unanswered(0, lost(event));
      }
      assert.equal(gate.tripped, false);
    }
  });

  it('lets some calls through after a rest, rests longer each time, and closes with the first answer', () => {
    for (const well of [true, false]) {
      const gate = new Gate();
      open(gate);
      let now = 0;
      const rests: number[] = [];
      for (let round = 0; round < 8; round++) {
        rests.push(gate.until - now);
        now = gate.until;
        assert.ok(takeAll(gate, now) > 0);
        gate.unanswered(now, refused(round));
      }
      assert.deepEqual(rests, [1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000]);
      assert.equal(gate.answered(well), true);
      assert.deepEqual([gate.tripped, gate.allows(now)], [false, Number.POSITIVE_INFINITY]);
    }
  });

  it('tries twice as many events in each round, and of others than new ones at most eight', () => {
    const gate = new Gate();
    open(gate);
    const rounds: number[] = [];
    for (let round = 0, now = 0; round < 9; round++) {
      now = gate.until;
      assert.ok(gate.allows(now) > 0);
      let any = 0;
      for (; gate.allows(now) > 0 && !gate.wantsNew; any++) gate.began();
      assert.equal(any, Math.min(8, 2 ** round));
      rounds.push(any + takeAll(gate, now));
    }
    assert.deepEqual(rounds, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
  });

  it('asks again every few seconds though a call that looks never ends', () => {
    const gate = new Gate();
    open(gate);
    let now = 0;
    for (let round = 0; round < 5; round++) {
      now = gate.until;
      assert.ok(takeAll(gate, now) >= 1, 'none of them was ever answered');
    }
  });

  it('rests as long as the target asks, at most a minute, and then until one call gets through', () => {
    const gate = new Gate();
    assert.equal(gate.asked(0, 3_600_000), true, 'longer than it is left alone');
    assert.equal(gate.asked(5, 3_600_000), false, 'the same rest');
    gate.answered(false);
    assert.deepEqual([gate.allows(59_999), gate.allows(60_000 + 5)], [0, 1]);
    gate.answered(false);
    assert.equal(gate.isFlowing, true, 'it answers, if badly');
  });

  it('begins with a single call again where a target that was asked to be left alone turns out to be down', () => {
    const gate = new Gate();
    for (let now = 0; now < 4000; now += 1000) {
      gate.asked(now, 1000);
      takeAll(gate, now + 1000);
    }
    assert.equal(gate.unanswered(4500, lost(1, true)), true);
    assert.deepEqual([gate.until, takeAll(gate, 5500)], [5500, 1]);
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

  it('rests for as long as the target is known to be away, from the first moment and later', () => {
    const gate = new Gate();
    gate.unanswered(0, { ...refused(1, true), afterMs: 20_000 });
    assert.equal(gate.until, 20_000);
    takeAll(gate, 20_000);
    gate.unanswered(20_000, { ...refused(1), afterMs: 5000 });
    assert.equal(gate.until, 22_000, 'it looks every five seconds in any case');
    gate.unanswered(20_000, { ...refused(1), afterMs: 30_000 });
    assert.equal(gate.until, 50_000);
  });

  it('tells once that it opens, whether other events may reach the target, and how often that answered', () => {
    const gate = new Gate();
    assert.equal(gate.unanswered(0, lost(1)), false);
    assert.deepEqual([gate.seeksOthers, gate.answers], [false, 0]);
    assert.equal(gate.unanswered(0, lost(2, true)), true);
    assert.equal(gate.seeksOthers, true);
    assert.equal(gate.unanswered(0, refused(3, true)), false);
    assert.equal(gate.seeksOthers, false);
    gate.unanswered(0, lost(4));
    gate.answered(false);
    gate.answered(true);
    assert.deepEqual([gate.seeksOthers, gate.answers], [false, 2]);
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
        const gate = new Gate();
        const silent = new Set<number>();
        let now = 0;
        let isLone = false;
        for (const one of steps) {
          if (one.kind === 'answered') {
            gate.answered(one.well);
            silent.clear();
            isLone = false;
            if (one.well) assert.ok(gate.isFlowing);
            assert.equal(gate.tripped, false);
          } else if (one.kind === 'unanswered') {
            gate.unanswered(now, { ...one, event: `${one.event}` });
            silent.add(one.event);
            isLone ||= one.alone;
          } else if (one.kind === 'asked') gate.asked(now, one.ms);
          else if (one.kind === 'passes') now += one.ms;
          else takeAll(gate, now);
          assert.equal(gate.tripped, silent.size >= MANY_EVENTS || isLone);
          assert.equal(gate.isSure, silent.size >= MANY_EVENTS);
          assert.ok(gate.isFlowing || gate.until <= now + 60_000, 'somebody asks again within a minute');
        }
        if (!gate.isFlowing) assert.ok(takeAll(gate, gate.until) >= 1);
      }),
    );
  });
});
