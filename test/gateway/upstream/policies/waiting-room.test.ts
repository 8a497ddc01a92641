// Who waits for the limits of a function: callers take turns, and who has the most makes
// room when no more may wait.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createCallLimits, type LimitSettings } from '../../../../gateway/upstream/policies/call-limits.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { ask, codeOf, create } from './limits-harness.ts';

describe('who waits for the limits of a function', () => {
  it('let callers take turns, however many calls of one wait', () => {
    const room = create({ concurrency: 1 });
    const calls = Array.from({ length: 100 }, () => ask(room, 'greedy'));
    const quiet = [ask(room, 'quiet'), ask(room, 'quiet')];
    const order: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const running = [...calls, ...quiet].find(({ started, call }) => started() && !call.over);
      order.push(running?.party ?? 'idle');
      running?.call.leave();
    }
    assert.deepEqual(order, ['greedy', 'greedy', 'quiet', 'greedy', 'quiet', 'greedy']);
  });

  it('refuse the newest call of who has the most when no more may wait, and not that of a quiet one', () => {
    const room = create({ concurrency: 1, waiting: 10 });
    const calls = Array.from({ length: 11 }, () => ask(room, 'greedy'));
    const refused = () => calls.flatMap(({ call }, index) => (codeOf(call.error) === 'overloaded' ? [index] : []));
    const quiet = [ask(room, 'quiet'), ask(room, 'quiet')];
    assert.deepEqual(refused(), [9, 10]);
    const more = ask(room, 'greedy');
    assert.equal(codeOf(more.call.error), 'overloaded');
    assert.ok(quiet.every(({ call }) => !call.over));
    assert.deepEqual([room.limits.view.waiting, room.limits.view.refused], [10, 3]);
    // Until they have as many as the greedy one.
    const all = Array.from({ length: 5 }, () => ask(room, 'quiet'));
    assert.deepEqual(
      all.map(({ call }) => call.over),
      [false, false, false, true, true],
    );
  });

  it('refuse no call that is more urgent for one that is less', () => {
    const limits = createCallLimits(createFakeWorld());
    const settings: LimitSettings = { concurrency: 1, waiting: 4, maxWait: 10_000 };
    assert.ok(limits.tryTake(settings));
    const crowded: string[] = [];
    const wait = (party: string, priority: number) =>
      limits.wait(settings, { party, priority, go() {}, tooLate() {}, crowdedOut: () => crowded.push(party) });
    for (let each = 0; each < 4; each++) wait('urgent', 9);
    assert.equal(wait('patient', 0), undefined);
    assert.deepEqual(crowded, []);
    assert.ok(wait('other', 9));
    assert.deepEqual(crowded, ['urgent']);
  });

  it('bound each wait by the own calls times the callers, and leave no place idle, whatever comes', () => {
    const step = fc.record({ party: fc.constantFrom('a', 'b', 'c', 'd'), calls: fc.constantFrom(0, 1, 1, 2, 30) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, concurrency) => {
        const room = create({ concurrency, waiting: 40, maxWait: 1e9 });
        const { limits } = room;
        const all: (ReturnType<typeof ask> & { ahead: number; came: number; seen: boolean })[] = [];
        let served = 0;
        const look = () => {
          for (const each of all) {
            if (each.seen || !each.started()) continue;
            each.seen = true;
            const turns = served - each.came;
            assert.ok(turns <= (each.ahead + 1) * 4, `${each.party} waited ${turns} turns behind ${each.ahead}`);
            served++;
          }
          assert.ok(limits.view.waiting === 0 || limits.view.inFlight === concurrency, 'a place is idle');
        };
        const waits = ({ call, started }: (typeof all)[number]) => !call.over && !started();
        for (const { party, calls } of steps) {
          for (let each = 0; each < calls; each++) {
            const before = all.filter(waits);
            const full = before.length === 40;
            const ahead = before.filter(other => other.party === party).length;
            const most = Math.max(0, ...['a', 'b', 'c', 'd'].map(one => before.filter(w => w.party === one).length));
            all.push({ ...ask(room, party), ahead, came: served, seen: false });
            const isRefused = all.at(-1)?.call.over === true;
            assert.equal(isRefused, full && ahead + 1 >= most, 'who has less than others is not refused');
            look();
          }
          all.find(({ call, started }) => started() && !call.over)?.call.leave();
          look();
        }
        for (const { call } of all) call.leave();
        assert.deepEqual([limits.view.inFlight, limits.view.waiting], [0, 0]);
      }),
      { numRuns: 100 },
    );
  });
});
