// Limits of a function over many processes under every fault of processes, clocks and
// the store, drawn from seeds.
import assert from 'node:assert/strict';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { create } from './create.ts';

describe('limits that processes share', () => {
  it('hold under faults of every kind at random, and are used again soon after those have ended', () =>
    outsideMicrotasks(() => {
      const seeds = Number(process.env['TENFOLD_BUDGET_SEEDS'] ?? 60);
      for (let seed = 1; seed <= seeds; seed++) runSwarm(seed);
    }));
});

/**
 * A failover comes with pauses of callers no longer than their slices live: of two faults at once
 * calls may be forgotten (see the guide).
 */
function runSwarm(seed: number): void {
  const faults = { latencyMs: [1, 20, 300][seed % 3]!, lost: [0, 0.05, 0.3][(seed >> 1) % 3]! };
  const limit = [1, 4, 25][(seed >> 2) % 3]!;
  const rate = seed % 5 === 0 ? { count: limit * 3, periodMs: 1_000 } : undefined;
  const failsOver = seed % 2 === 0;
  const { simulation, server, downstream, callers, join, pass, used } = create(
    seed,
    { concurrency: limit, rate, maxWait: 2_000 },
    { ...faults },
    100,
  );
  const { chance } = simulation;
  for (let index = 0; index < 4; index++) join(limit);
  for (let turn = 0; turn < 40; turn++) {
    pass(chance.int('turn', 50, 3_000));
    const caller = callers[chance.int('who', 0, callers.length - 1)]!;
    switch (chance.pick('fault', ['load', 'pause', 'kill', 'cut', 'away', 'clock', 'failover'])) {
      case 'load':
        caller.load(chance.int('clients', 0, limit * 3));
        break;
      case 'pause':
        caller.process.pause();
        simulation.after(chance.int('pause', 100, failsOver ? 4_000 : 25_000), 'resume', () => caller.process.resume());
        break;
      case 'kill':
        if (callers.filter(({ process }) => process.alive).length < 3) break;
        caller.process.kill();
        join(limit);
        break;
      case 'cut':
        caller.cut = true;
        simulation.after(chance.int('cut', 100, failsOver ? 4_000 : 25_000), 'uncut', () => {
          caller.cut = false;
        });
        break;
      case 'away':
        server.away = true;
        simulation.after(chance.int('away', 100, failsOver ? 4_000 : 25_000), 'back', () => {
          server.away = false;
        });
        break;
      case 'clock':
        caller.process.clockError = chance.int('clock', -3_600_000, 86_400_000);
        break;
      case 'failover':
        if (failsOver) server.failOver(chance.int('missed', 1, 100));
        break;
    }
    assert.ok(
      downstream.most <= limit,
      `${downstream.most} of ${limit} in flight with seed ${seed} after turn ${turn}`,
    );
  }
  if (rate)
    assert.ok(downstream.mostStarts(1_000) <= rate.count, `${downstream.mostStarts(1_000)} starts, seed ${seed}`);
  pass(30_000);
  for (const caller of callers) caller.load(caller.process.alive ? limit * 2 : 0);
  pass(20_000);
  if (faults.lost === 0 && faults.latencyMs < 100 && !rate) {
    const part = used(20_000, limit);
    assert.ok(part >= 0.85, `only ${part} of ${limit} with seed ${seed}`);
  }
  for (const caller of callers) caller.load(0);
  server.away = false;
  pass(60_000);
  const left = (server.books.get('f/concurrency') ?? []).filter(({ expires }) => expires > simulation.now);
  assert.deepEqual(left, [], `slices are left with seed ${seed}`);
  assert.equal(downstream.inFlight, 0);
}
