// What one process does with its slices of a limit: when it asks, what it
// believes, and what it gives back.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../../core/errors.ts';
import { createLeasedBudgets } from '../../../../drivers/budgets/leased/leased-budgets.ts';
import type { LeaseGrant, LeaseRequest } from '../../../../drivers/store/leases.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

function create() {
  const clock = { jumpMs: 0 };
  const passing = createFakeWorld();
  const world = { ...passing, now: () => passing.now() + clock.jumpMs };
  const requests: LeaseRequest[] = [];
  const changes: string[] = [];
  const uses = { inUse: 0, demand: 1, grown: 0 };
  const store = {
    latencyMs: 1,
    away: false,
    quietMs: 0,
    answer: ({ held, demand, limit }: LeaseRequest): Pick<LeaseGrant, 'granted' | 'share'> =>
      held === 0 && demand === 0 ? { granted: 0, share: 0 } : { granted: limit, share: limit },
  };
  const budgets = createLeasedBudgets({
    world,
    leases: {
      lease: (_scope, budget, request) =>
        new Promise((resolve, reject) => {
          if (budget !== 'start') requests.push(request);
          const grant = { ...store.answer(request), epoch: 'e', quietMs: store.quietMs };
          world.after(store.latencyMs, () =>
            store.away ? reject(new TenfoldError('store-unavailable', 'away')) : resolve(grant),
          );
        }),
    },
    onChange: state => changes.push(state),
  });
  const budget = budgets.open({
    name: 'f',
    limit: 10,
    user: {
      inUse: () => uses.inUse,
      demand: () => uses.demand,
      lingerMs: () => 2_000,
      grown: () => uses.grown++,
    },
  });
  const allowed = (limit = 10) => budget.allowance(limit, world.monotonic());
  return { world, clock, requests, changes, uses, store, budgets, budget, allowed };
}

describe('a budget over leases', () => {
  it('asks for nothing before it is needed, then at once', async () => {
    const { world, requests, budget, allowed, uses } = create();
    await world.pass(1_000);
    assert.deepEqual([requests.length, allowed(), budget.cold], [0, 0, true]);
    budget.need(1);
    assert.equal(requests.length, 1);
    await world.pass(2);
    assert.deepEqual([allowed(), budget.cold, uses.grown], [10, false, 1]);
  });

  it('believes in a slice from when it was asked for, not from when the answer came', async () => {
    const { world, budget, allowed, store } = create();
    store.latencyMs = 8_000;
    budget.need(1);
    await world.pass(8_001);
    store.away = true;
    await world.pass(1_800);
    assert.equal(allowed(), 10);
    await world.pass(110);
    assert.equal(allowed(), 0);
  });

  it('believes in nothing after a sleep of the machine that only the wall clock knows of', async () => {
    const { world, clock, budget, allowed } = create();
    budget.need(1);
    await world.pass(2);
    clock.jumpMs = 60_000;
    assert.equal(allowed(), 0);
    budget.need(1);
    await world.pass(2);
    assert.equal(allowed(), 10);
  });

  it('begins nothing by the word of a store that repeats what it was told, once its slice has ended', async () => {
    const { world, budget, allowed, store, uses } = create();
    budget.need(1);
    await world.pass(2);
    uses.inUse = 10;
    store.away = true;
    await world.pass(11_000);
    assert.equal(allowed(), 0);
    Object.assign(store, {
      away: false,
      quietMs: 10_000,
      answer: ({ held }: LeaseRequest) => ({ granted: held, share: 10 }),
    });
    await world.pass(9_000);
    assert.equal(allowed(), 0, 'others may have it by now');
    Object.assign(store, { quietMs: 0, answer: ({ limit }: LeaseRequest) => ({ granted: limit, share: limit }) });
    await world.pass(5_000);
    assert.equal(allowed(), 10);
  });

  it('goes on with what it has while the store repeats what it was told', async () => {
    const { world, budget, allowed, store, uses } = create();
    budget.need(1);
    await world.pass(2);
    uses.inUse = 10;
    Object.assign(store, { quietMs: 10_000, answer: ({ held }: LeaseRequest) => ({ granted: held, share: 10 }) });
    await world.pass(60_000);
    assert.equal(allowed(), 10);
  });

  it('asks for what it uses twice a second, and gives it back when it is not used', async () => {
    const { world, requests, budget, uses } = create();
    budget.need(3);
    await world.pass(5_000);
    assert.ok(requests.length >= 8 && requests.length <= 14, String(requests.length));
    uses.demand = 0;
    await world.pass(12_000);
    assert.deepEqual([requests.at(-1)?.held, requests.at(-1)?.demand], [0, 0]);
    const { length } = requests;
    await world.pass(60_000);
    assert.equal(requests.length, length);
    uses.demand = 1;
    budget.need(1);
    assert.equal(requests.length, length + 1);
  });

  it('uses no more than its share as soon as it hears of it, and tells the store as what it has begun ends', async () => {
    const { world, requests, budget, uses, store, allowed } = create();
    budget.need(10);
    await world.pass(2);
    uses.inUse = 10;
    store.answer = ({ held }) => ({ granted: held, share: 4 });
    await world.pass(700);
    assert.equal(allowed(), 4);
    uses.inUse = 6;
    await world.pass(20);
    assert.equal(requests.at(-1)?.held, 6);
    uses.inUse = 2;
    await world.pass(30);
    assert.equal(requests.at(-1)?.held, 4);
  });

  it('tells once that the store is away, and once that it is back', async () => {
    const { world, changes, budget, store, allowed, uses } = create();
    budget.need(1);
    await world.pass(2);
    store.away = true;
    await world.pass(30_000);
    assert.deepEqual([changes, allowed(), budget.cold], [['away'], 0, false]);
    const { grown } = uses;
    store.away = false;
    await world.pass(2_000);
    assert.deepEqual([changes, allowed(), uses.grown], [['away', 'back'], 10, grown + 1]);
  });

  it('asks again for what is needed after it was given up while the store was away', async () => {
    const { world, requests, budget, uses, store, allowed } = create();
    store.away = true;
    budget.need(1);
    await world.pass(500);
    uses.demand = 0;
    await world.pass(60_000);
    const { length } = requests;
    await world.pass(60_000);
    assert.equal(requests.length, length);
    store.away = false;
    uses.demand = 1;
    budget.need(1);
    await world.pass(2);
    assert.equal(allowed(), 10);
  });

  it('gives all back when the process ends, what is in use when that has ended', async () => {
    const { world, requests, budget, budgets, uses } = create();
    budget.need(1);
    await world.pass(2);
    uses.inUse = 1;
    let closed = false;
    void budgets.close(5_000).then(() => {
      closed = true;
    });
    await world.pass(500);
    assert.deepEqual([requests.at(-1)?.held, requests.at(-1)?.demand, closed], [1, 0, false]);
    uses.inUse = 0;
    await world.pass(50);
    assert.deepEqual([requests.at(-1)?.held, requests.at(-1)?.demand, closed], [0, 0, true]);
    const { length } = requests;
    await world.pass(60_000);
    assert.equal(requests.length, length);
  });

  it('waits no longer than it may for a store that is away when the process ends', async () => {
    const { world, budget, budgets, store } = create();
    budget.need(1);
    await world.pass(2);
    store.away = true;
    let closed = false;
    void budgets.close(1_000).then(() => {
      closed = true;
    });
    await world.pass(1_000);
    assert.ok(closed);
  });
});
