// The budget of a function under fake time: in flight, per period, who waits, who is
// refused, and what slows it down.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TenfoldError } from '../../../../core/errors.ts';
import { createCallLimits, type LimitSettings } from '../../../../gateway/upstream/policies/call-limits.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { codeOf, create } from './limits-harness.ts';

describe('the limits of a function', () => {
  it('let so many calls in at a time, the rest in order of arrival', async () => {
    const { send } = create({ concurrency: 2 });
    const calls = [send(), send(), send(), send()];
    assert.deepEqual(
      calls.map(({ started }) => started()),
      [true, true, false, false],
    );
    calls[0]!.call.leave();
    assert.deepEqual(
      calls.map(({ started }) => started()),
      [true, true, true, false],
    );
  });

  it('count a call that a worker had to give up until its time is over, as it may be worked on all the same', async () => {
    const { world, send, limits } = create({ concurrency: 1 });
    const first = send('hang', 2000, 2000);
    const second = send();
    await world.pass(500);
    first.call.leave();
    await world.pass(1499);
    assert.ok(!second.started());
    await world.pass(1);
    assert.ok(second.started());
    assert.equal(limits.view.inFlight, 1);
  });

  it('count it for 30 seconds at most, and not at all when it was answered or is out of time', async () => {
    const { world, send, limits } = create({ concurrency: 10 });
    send('hang', 900_000, 900_000).call.leave();
    send(200, 900_000, 900_000);
    send('hang', 20_000, 20_000);
    await world.pass(20_000);
    assert.equal(limits.view.inFlight, 1);
    await world.pass(10_000);
    assert.equal(limits.view.inFlight, 0);
  });

  it('count a call that began late until the function has had its time, though nobody waits for it any more', async () => {
    const { world, send, limits } = create({ concurrency: 1 });
    const first = send('hang', 2000);
    const second = send('hang', 2000, 1000);
    await world.pass(1900);
    first.call.leave();
    assert.ok(second.started());
    const third = send();
    await world.pass(100);
    assert.equal(codeOf(second.call.error), 'Error: deadline');
    await world.pass(899);
    assert.ok(!third.started());
    await world.pass(1);
    assert.ok(third.started());
    assert.equal(limits.view.inFlight, 1);
  });

  it('take no time of the work of a worker while it waits for its turn', async () => {
    const { world, send, limits } = create({ concurrency: 1 });
    const first = send('hang', 5000);
    const second = send('hang', 6000, 1000);
    await world.pass(4500);
    first.call.leave();
    assert.ok(second.started());
    await world.pass(999);
    assert.equal(second.call.error, undefined);
    await world.pass(1);
    assert.equal(codeOf(second.call.error), 'timeout');
    assert.equal(limits.view.inFlight, 0);
  });

  it('let the most urgent in first, and of equals who came first', () => {
    const limits = createCallLimits(createFakeWorld());
    const settings: LimitSettings = { concurrency: 1, waiting: 10, maxWait: 10_000 };
    assert.ok(limits.tryTake(settings));
    const order: string[] = [];
    const wait = (name: string, priority?: number) =>
      limits.wait(settings, { priority, go: () => order.push(name), tooLate() {}, crowdedOut() {} });
    wait('patient', 0);
    wait('request');
    const gone = wait('gone', 9);
    wait('equal', 5);
    wait('urgent', 9);
    gone?.();
    for (let turn = 0; turn < 4; turn++) limits.give();
    assert.deepEqual(order, ['urgent', 'request', 'equal', 'patient']);
  });

  it('never let more calls start in a period than the rate says, and waste none', async () => {
    const { world, send } = create({ rate: { count: 5, periodMs: 1000 } });
    const calls = Array.from({ length: 12 }, () => send(200));
    const count = () => calls.filter(({ started }) => started()).length;
    assert.equal(count(), 5);
    await world.pass(999);
    assert.equal(count(), 5);
    await world.pass(1);
    assert.equal(count(), 10);
    await world.pass(1000);
    assert.equal(count(), 12);
  });
});

describe('the line of calls in front of a function', () => {
  it('refuse when too many wait: 503 with Retry-After', () => {
    const { send, limits } = create({ concurrency: 1, waiting: 1 });
    send();
    send();
    const { call } = send();
    assert.equal(codeOf(call.error), 'overloaded');
    assert.equal((call.error as TenfoldError).retryAfterSeconds, 1);
    assert.equal(limits.view.refused, 1);
  });

  it('refuse who has waited too long', async () => {
    const { world, send } = create({ concurrency: 1, maxWait: 500 });
    send();
    const { call } = send();
    await world.pass(499);
    assert.ok(!call.over);
    await world.pass(1);
    assert.equal(codeOf(call.error), 'overloaded');
  });

  it('forget who leaves the line, and serve the next', async () => {
    const { send, limits } = create({ concurrency: 1 });
    const first = send();
    const second = send();
    const third = send();
    second.call.leave();
    assert.equal(limits.view.waiting, 1);
    first.call.leave();
    assert.ok(third.started() && !second.started());
  });

  for (const settings of [{ concurrency: 10 }, {}])
    it(`start nothing while the function asks for a pause, however long it says: ${JSON.stringify(settings)}`, async () => {
      const { world, limits, send } = create({ ...settings, maxWait: 90_000 });
      limits.pause.answered(503, ['retry-after', '2'], {});
      const { started } = send(200);
      await world.pass(1999);
      assert.ok(!started());
      await world.pass(1);
      assert.ok(started());
      limits.pause.answered(503, ['retry-after', '3600'], {});
      const later = send(200, 120_000);
      await world.pass(60_000);
      assert.ok(later.call.over, 'an hour is not believed');
      assert.equal(later.call.status, 200);
    });

  it('refuse at once who cannot wait for the end of a pause, and say how much of it is left', async () => {
    const { world, limits, send } = create({ maxWait: 5000 });
    limits.pause.answered(503, ['retry-after', '7'], {});
    const longerThanMaxWait = send(200);
    await world.pass(3000);
    const longerThanItsTime = send(200, 3999);
    const fits = send(200, 4001);
    assert.deepEqual(
      [longerThanMaxWait, longerThanItsTime].map(({ call }) => (call.error as TenfoldError).retryAfterSeconds),
      [7, 4],
    );
    assert.match(String(longerThanItsTime.call.error), /as its Retry-After asked for that/);
    assert.equal(limits.view.refused, 2);
    await world.pass(4000);
    assert.equal(fits.call.status, 200);
  });

  it('let parties take turns after a pause, and the most urgent go first', async () => {
    const room = create({});
    room.limits.pause.answered(503, ['retry-after', '2'], {});
    const order: string[] = [];
    for (const [party, priority] of [['a'], ['a'], ['b'], ['a', 9]] as const)
      room.limits.wait(room.settings, {
        ...{ party, priority, go: () => void order.push(`${party}${priority ?? ''}`) },
        ...{ tooLate: assert.fail, crowdedOut: assert.fail },
      });
    await room.world.pass(2000);
    assert.deepEqual(order, ['a9', 'a', 'b', 'a']);
  });

  it('serve a long line of calls that fail at once', async () => {
    const { send } = create({ concurrency: 1, waiting: 100_000 });
    const first = send();
    const rest = Array.from({ length: 20_000 }, () => send('connect'));
    first.call.leave();
    assert.ok(rest.every(({ call }) => call.over));
  });

  it('hold for any sequence of calls, ends and pauses', async () => {
    const command = fc.oneof(
      fc.record({ do: fc.constant('send' as const) }),
      fc.record({ do: fc.constant('end' as const), which: fc.nat(20) }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 700 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (commands, concurrency, count) => {
          const { world, send, limits } = create({ concurrency, rate: { count, periodMs: 1000 }, maxWait: 1e9 });
          const calls: ReturnType<typeof send>[] = [];
          const startedAt: number[] = [];
          const seen = new Set<number>();
          const look = () => {
            calls.forEach(({ started }, index) => {
              if (!started() || seen.has(index)) return;
              seen.add(index);
              startedAt.push(world.monotonic());
            });
            const running = calls.filter(({ started, call }) => started() && !call.over).length;
            assert.ok(running <= concurrency);
            assert.equal(limits.view.inFlight, running);
            for (const at of startedAt) {
              assert.ok(startedAt.filter(other => other >= at && other < at + 1000).length <= count);
            }
          };
          for (const each of commands) {
            if (each.do === 'send') calls.push(send('hang', 1e9));
            else if (each.do === 'end') calls[each.which]?.call.leave();
            else
              for (let ms = 0; ms < each.ms; ms += 50) {
                await world.pass(50);
                look();
              }
            look();
          }
          for (const { call } of calls) call.leave();
          assert.deepEqual([limits.view.inFlight, limits.view.waiting], [0, 0]);
        },
      ),
      { numRuns: 30 },
    );
  });
});
