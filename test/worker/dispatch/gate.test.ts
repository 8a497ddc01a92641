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
      assert.ok(any <= 8);
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
    assert.equal(gate.rest(0, 3_600_000), true, 'longer than it is left alone');
    assert.equal(gate.rest(5, 3_600_000), false, 'the same rest');
    gate.answered(false);
    assert.deepEqual([gate.allows(59_999), gate.allows(60_000 + 5)], [0, 1]);
    gate.answered(false);
    assert.equal(gate.isFlowing, true, 'it answers, if badly');
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
          } else if (one.kind === 'asked') gate.rest(now, one.ms);
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
