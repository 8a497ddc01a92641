// Limits of a function over many processes that share them through a store, under faults of
// processes, clocks and the store.
import assert from 'node:assert/strict';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { create, KIND } from './create.ts';

describe('limits that processes share', () => {
  for (const [processes, limit] of [
    [1, 50],
    [3, 50],
    [10, 50],
    [3, 1],
    [8, 3],
    [20, 17],
  ] as const)
    it(`are used by ${processes} processes, ${limit} calls at a time: at least nine tenths, and never more`, () =>
      outsideMicrotasks(() => {
        for (let seed = 1; seed <= 3; seed++) {
          const { downstream, join, pass, used, callers } = create(seed, { concurrency: limit });
          for (let index = 0; index < processes; index++) join(Math.ceil((limit * 3) / processes) + (index % 3));
          pass(3_000);
          const part = used(20_000, limit);
          assert.ok(downstream.most <= limit, `${downstream.most} of ${limit}`);
          assert.ok(part >= 0.9, `${part} with seed ${seed}`);
          const least = Math.min(...callers.map(({ done }) => done));
          assert.ok(least > 0, 'everybody got something');
        }
      }));

  it('are in the hands of who joins within about a second, in proportion to what it has to do', () =>
    outsideMicrotasks(() => {
      const { join, pass, downstream } = create(1, { concurrency: 50 });
      const first = join(100);
      pass(5_000);
      const second = join(100);
      pass(1_500);
      const before = [first.done, second.done];
      pass(2_000);
      const [one = 0, other = 0] = [first.done - before[0]!, second.done - before[1]!];
      assert.ok(other > one * 0.8, `${other} against ${one}`);
      assert.equal(downstream.most, 50);
    }));

  it('go to others when one has nothing to do any more, and all of it is given back when nobody has', () =>
    outsideMicrotasks(() => {
      const { join, pass, used, server } = create(2, { concurrency: 20 });
      const [first, second] = [join(40), join(40)];
      pass(3_000);
      first.load(0);
      pass(2_500);
      assert.ok(used(3_000, 20) > 0.95);
      second.load(0);
      pass(15_000);
      assert.deepEqual([...server.books.get('f/concurrency')!], []);
      const { requests } = server;
      pass(60_000);
      assert.equal(server.requests, requests, 'and nobody asks for anything');
    }));

  it('are given back at once by a process that ends', () =>
    outsideMicrotasks(() => {
      const { join, pass, server } = create(3, { concurrency: 20 });
      const [first, second] = [join(40), join(40)];
      pass(3_000);
      first.load(0);
      pass(100);
      void first.close(2_000);
      pass(700);
      assert.equal(second.view.held.concurrency, 20);
      assert.equal(server.books.get('f/concurrency')?.length, 1);
    }));
});

describe('limits of processes that die, pause or lose their store', () => {
  it('stay with who is alive when a process dies, and are whole again once its calls cannot run any more', () =>
    outsideMicrotasks(() => {
      const { callers, join, pass, used, downstream } = create(4, { concurrency: 50 }, KIND, 1_000);
      for (let index = 0; index < 3; index++) join(50);
      pass(5_000);
      callers[0]!.process.kill();
      assert.ok(used(10_000, 50) > 0.6);
      pass(5_000);
      assert.ok(used(10_000, 50) > 0.9);
      assert.equal(downstream.most, 50);
    }));

  it('count what a process that died had begun for as long as that may run', () =>
    outsideMicrotasks(() => {
      const { callers, join, pass, downstream } = create(8, { concurrency: 12, timeout: 20_000 }, KIND, 13_000);
      for (let index = 0; index < 3; index++) join(20);
      pass(30_000);
      callers[0]!.process.kill();
      pass(60_000);
      assert.equal(downstream.most, 12);
    }));

  it('let nothing begin while one that comes back still has calls in flight that others were given the place of', () =>
    outsideMicrotasks(() => {
      let over = 0;
      for (let seed = 1; seed <= 10; seed++) {
        const long = { concurrency: 12, timeout: 900_000 };
        const { callers, join, pass, downstream, simulation } = create(seed, long, KIND, 90_000);
        for (let index = 0; index < 3; index++) join(12);
        pass(20_000);
        callers[0]!.cut = true;
        pass(80_000);
        if (downstream.inFlight > 12) over++;
        callers[0]!.cut = false;
        pass(2_000);
        let begun = downstream.starts.length;
        simulation.invariants.push(() => {
          if (downstream.starts.length > begun)
            assert.ok(downstream.inFlight <= 12, `${downstream.inFlight} in flight`);
          begun = downstream.starts.length;
        });
        pass(300_000);
        assert.ok(downstream.inFlight > 10);
      }
      assert.ok(over > 0, 'calls of more than half a minute are not waited for');
    }));

  it('do not let a process that was paused begin calls with what has been given to others meanwhile', () =>
    outsideMicrotasks(() => {
      const { callers, join, pass, downstream, used } = create(5, { concurrency: 10 }, KIND, 300);
      for (let index = 0; index < 3; index++) join(20);
      pass(3_000);
      for (const ms of [2_000, 9_950, 11_000, 13_000, 30_000]) {
        callers[1]!.process.pause();
        pass(ms);
        callers[1]!.process.resume();
        pass(4_000);
        assert.ok(used(4_000, 10) > 0.9, `after ${ms} ms`);
      }
      assert.equal(downstream.most, 10);
    }));

  it('last for ten seconds without the store, then nothing begins until it is back', () =>
    outsideMicrotasks(() => {
      const { server, join, pass, used, downstream } = create(6, { concurrency: 30, maxWait: 1_000 });
      for (let index = 0; index < 3; index++) join(30);
      pass(3_000);
      server.away = true;
      assert.ok(used(9_000, 30) > 0.9, 'goes on with what it holds');
      pass(1_500);
      assert.equal(used(10_000, 30), 0);
      server.away = false;
      pass(3_000);
      assert.ok(used(5_000, 30) > 0.9);
      assert.equal(downstream.most, 30);
    }));

  it('hold when another server takes over that has forgotten what was granted', () =>
    outsideMicrotasks(() => {
      for (let seed = 1; seed <= 10; seed++) {
        const { server, join, pass, used, downstream, simulation } = create(seed, { concurrency: 30 });
        for (let index = 0; index < 3; index++) join(30);
        pass(3_000);
        server.failOver(simulation.chance.int('missed', 1, 200));
        assert.ok(used(8_000, 30) > 0.9, 'those who hold something go on');
        join(60);
        pass(6_000);
        assert.ok(used(3_000, 30) > 0.9);
        assert.equal(downstream.most, 30);
      }
    }));

  it('change one process after the other without more calls than the smaller one, and with all of the larger one after that', () =>
    outsideMicrotasks(() => {
      const { callers, join, pass, downstream, used } = create(7, { concurrency: 40 });
      for (let index = 0; index < 4; index++) join(60);
      pass(3_000);
      const change = (concurrency: number) => {
        for (const caller of callers) {
          caller.settings = { ...caller.settings, concurrency };
          pass(700);
        }
      };
      change(10);
      pass(1_000);
      downstream.most = 0;
      assert.ok(used(3_000, 10) > 0.9);
      for (const caller of callers.slice(1)) {
        caller.settings = { ...caller.settings, concurrency: 30 };
        pass(1_500);
        assert.equal(downstream.most, 10);
      }
      callers[0]!.settings = { ...callers[0]!.settings, concurrency: 30 };
      pass(1_500);
      assert.ok(used(3_000, 30) > 0.9);
      assert.equal(downstream.most, 30);
    }));

  it('of rates hold in every stretch of a period, over all processes, and are used', () =>
    outsideMicrotasks(() => {
      for (const count of [100, 7, 2]) {
        const rate = { count, periodMs: 1_000 };
        const { callers, join, pass, downstream } = create(count, { rate, maxWait: 60_000 });
        for (let index = 0; index < 3; index++) join(5 + count);
        pass(5_000);
        const before = downstream.starts.length;
        pass(20_000);
        const part = (downstream.starts.length - before) / (20 * count);
        assert.ok(part >= 0.9, `${part} of ${count}`);
        callers[0]!.load(0);
        join(100);
        pass(5_000);
        callers[1]!.process.kill();
        pass(20_000);
        assert.ok(downstream.mostStarts(1_000) <= count, `${downstream.mostStarts(1_000)} of ${count}`);
      }
    }));
});
