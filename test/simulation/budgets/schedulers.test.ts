// The concurrency and the rate of one queue over the schedulers of several workers.
import assert from 'node:assert/strict';
import { createLeasedBudgets } from '../../../drivers/budgets/leased/leased-budgets.ts';
import type { Destination, Outcome } from '../../../worker/deliver/destination.ts';
import { CallScheduler, type CallSource } from '../../../worker/dispatch/calls/call-scheduler.ts';
import type { LaneItem } from '../../../worker/dispatch/lanes/lanes.ts';
import type { DispatchSettings } from '../../../worker/dispatch/settings.ts';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedDownstream } from './simulated-downstream.ts';
import { createSimulatedLeases, SimulatedLeaseServer } from './simulated-leases.ts';

const SETTINGS: DispatchSettings = {
  group: 'queue',
  topic: 'queue',
  order: 'none',
  concurrency: 4,
  together: true,
  retry: { attempts: 1, backoff: 'constant', initial: 1, max: 1 },
  delay: 0,
  onExhausted: 'skip',
  parking: { maxKeys: 1, maxSize: 1 },
  deadLetterRetention: 1,
  from: 'earliest',
  priority: 5,
  paused: false,
};
const ITEM: LaneItem = {
  record: { offset: 0, key: undefined, value: Buffer.alloc(0), headers: {}, timestamp: 0 },
  attempts: 0,
  generation: 0,
} as unknown as LaneItem;
const DONE: Outcome = { kind: 'done' };
const FAILED: Outcome = { kind: 'failed', retryable: true, error: { message: 'it fails' }, doubt: 'status' };

function create(settings: Partial<DispatchSettings>, seed = 1, callMs = 50) {
  const simulation = new Simulation(seed);
  const server = new SimulatedLeaseServer(simulation);
  const downstream = new SimulatedDownstream(simulation);
  const handed: number[] = [];
  const work = { fails: false };
  const start = (name: string, batch = 1) => {
    const process = simulation.process(name);
    const leases = createSimulatedLeases(server, process, { latencyMs: 3, lost: 0 }, () => false);
    const destination: Destination = {
      label: 'work',
      deliver: items =>
        new Promise(resolve => {
          for (const _ of items) handed.push(simulation.now);
          downstream.call(callMs, () =>
            process.after(0, 'answer', () => resolve(items.map(() => (work.fails ? FAILED : DONE)))),
          );
        }),
    };
    const { world } = process;
    const budgets = createLeasedBudgets({ world, leases });
    const scheduler = new CallScheduler(world, destination, { ...SETTINGS, ...settings }, budgets);
    let lanes = 0;
    const backlog = { events: 0, done: 0 };
    const source: CallSource = {
      partition: 0,
      signal: new AbortController().signal,
      settledBelow: 0,
      get hasReady() {
        return backlog.events > 0;
      },
      get hasNew() {
        return backlog.events > 0;
      },
      get isEmpty() {
        return backlog.events === 0;
      },
      rank: () => 0,
      take(limit) {
        const count = Math.min(limit, batch, backlog.events);
        backlog.events -= count;
        return Array.from({ length: count }, () => ITEM);
      },
      settle(items, outcomes) {
        for (const [index] of items.entries()) {
          if (outcomes[index]?.kind === 'done') {
            backlog.done++;
            scheduler.breaker.answered(true);
          } else
            scheduler.breaker.unanswered(world.monotonic(), {
              event: `event ${lanes++}`,
              delivered: false,
              alone: false,
            });
        }
      },
    };
    return {
      backlog,
      process,
      add(events: number) {
        backlog.events += events;
        process.after(0, 'add', () => scheduler.announce(source));
      },
    };
  };
  const pass = (ms: number) => simulation.run(simulation.now + ms);
  return { start, pass, downstream, server, handed, work };
}

describe('a queue that several workers share', () => {
  it('has no more calls at a time than it may over all of them, and uses that, also where one has less to do', () =>
    outsideMicrotasks(() => {
      for (const concurrency of [1, 4, 32]) {
        const { start, pass, downstream } = create({ concurrency });
        const workers = ['a', 'b', 'c'].map(name => start(name));
        for (const worker of workers.slice(0, 2)) worker.add(100_000);
        workers[2]?.add(20);
        pass(3_000);
        const before = downstream.busyMs;
        pass(20_000);
        const used = (downstream.busyMs - before) / 20_000 / concurrency;
        assert.ok(downstream.most <= concurrency, `${downstream.most} of ${concurrency}`);
        assert.ok(used > 0.9, `${used} of ${concurrency}`);
        assert.equal(workers[2]?.backlog.done, 20);
      }
    }));

  it('hands over no more events in any period than its rate says, batches too, and as many', () =>
    outsideMicrotasks(() => {
      for (const batch of [1, 7]) {
        const { start, pass, handed } = create({ concurrency: 100, rate: { count: 40, periodMs: 1_000 } });
        for (const name of ['a', 'b', 'c']) start(name, batch).add(100_000);
        pass(3_000);
        const before = handed.length;
        pass(20_000);
        assert.ok(handed.length - before > 0.9 * 20 * 40, `${handed.length - before}`);
        handed.forEach((at, index) => {
          assert.ok(
            index < 40 || at - (handed[index - 40] ?? 0) >= 1_000,
            `41 within ${at - (handed[index - 40] ?? 0)}`,
          );
        });
      }
    }));

  it('keeps nothing for itself once there is nothing to do', () =>
    outsideMicrotasks(() => {
      const { start, pass, server } = create({});
      const [one, other] = [start('a'), start('b')];
      one.add(50);
      other.add(50);
      pass(30_000);
      assert.deepEqual([one.backlog.done, other.backlog.done], [50, 50]);
      const { requests } = server;
      pass(60_000);
      assert.equal(server.requests, requests);
      one.add(10);
      pass(500);
      assert.equal(one.backlog.done, 60);
    }));

  it('calls again when what failed for all of them is back, also where calls took longer than a part is kept', () =>
    outsideMicrotasks(() => {
      for (let seed = 0; seed < 20; seed++) {
        const { start, pass, work } = create({ concurrency: 8 }, seed, 4_000);
        const workers = ['a', 'b', 'c'].map(name => start(name));
        for (const worker of workers) worker.add(100_000);
        work.fails = true;
        pass(40_000 + 500 * seed);
        work.fails = false;
        pass(30_000);
        const idle = workers.filter(({ backlog }) => backlog.done === 0);
        assert.equal(idle.length, 0, `seed ${seed}: ${idle.map(({ process }) => process.name)} wait for ever`);
      }
    }));

  it('goes on with the others when one dies with calls in flight', () =>
    outsideMicrotasks(() => {
      const { start, pass, downstream } = create({ concurrency: 2 });
      const [one, other] = [start('a'), start('b')];
      one.add(100_000);
      other.add(100_000);
      pass(3_000);
      one.process.kill();
      pass(22_000);
      const before = downstream.busyMs;
      pass(5_000);
      assert.ok(downstream.busyMs - before > 0.9 * 5_000 * 2);
      assert.equal(downstream.most, 2);
    }));
});
