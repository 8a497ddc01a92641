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

  it('begins with a single call again where a target that was asked to be left alone turns out to be down', () => {
    const gate = new Gate();
    for (let now = 0; now < 4000; now += 1000) {
      gate.asked(now, 1000);
      takeAll(gate, now + 1000);
    }
    assert.equal(gate.unanswered(4500, lost(1, true)), true);
    assert.deepEqual([gate.until, takeAll(gate, 5500)], [5500, 1]);
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
