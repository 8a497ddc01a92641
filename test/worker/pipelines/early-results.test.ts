// Early results of windows: when they are due, what they say, and that they never follow the final
// one. Records of a log are taken by hand; owners share what a step has stored.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { realWorld } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import { dueAfter } from '../../../worker/pipelines/window/due-after.ts';
import { WindowPartition } from '../../../worker/pipelines/window/window-partition.ts';
import { compileWindow, type WindowSpec } from '../../../worker/pipelines/window/window-plan.ts';

const BEGIN = Date.parse('2026-01-01T00:00:00Z');

/** What an owner has stored, row by row. */
class Stored implements Pick<Tables, 'row' | 'scan'> {
  readonly #rows = new Map<string, Buffer>();

  put(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'put-row') this.#rows.set(`${change.table}:${change.key}`, Buffer.from(change.value));
      if (change.kind === 'delete-row') this.#rows.delete(`${change.table}:${change.key}`);
    }
  }

  async row(_: string, table: string, key: string) {
    const value = this.#rows.get(`${table}:${key}`);
    return value && { key, value, version: '' };
  }

  async scan(_: string, table: string) {
    const rows = [...this.#rows].filter(([name]) => name.startsWith(`${table}:`));
    return { rows: rows.map(([key, value]) => ({ key, value, version: '', position: '' })), next: undefined };
  }
}

function planOf(early: WindowSpec['early'], idle: number | 'never' = 30_000) {
  const spec = { tumbling: 60_000, allowedLateness: 0, by: '${event.data.key}', emit: 'final' } as const;
  const time = { of: '${event.time}', maxDisorder: 1_000, idle };
  return compileWindow({ ...spec, aggregate: { sum: 'sum(event.data.n)' }, early }, time);
}

async function newOwner(plan: ReturnType<typeof planOf>, stored = new Stored()): Promise<WindowPartition> {
  const init = { plan, pipeline: 'counts', origin: 'counts/1', partition: 0 };
  return (await WindowPartition.load(stored, 'scope', init, 1, realWorld)) ?? assert.fail('written meanwhile');
}

/** An event of the value `offset`, appended when it happened, so long after the beginning. */
function take(owner: WindowPartition, offset: number, atMs: number, key = 'k'): void {
  const timestamp = BEGIN + atMs;
  const record: LogRecord = { offset, timestamp, key, value: Buffer.alloc(0), headers: {} };
  const event = { specversion: '1.0', id: `e${offset}`, source: '/x', type: 'T', data: { key, n: offset } } as const;
  if (owner.isEarlyDue(timestamp)) owner.giveEarly(record);
  owner.take({ event, key, time: timestamp, source: 0, topic: 0, mark: undefined }, record);
  owner.clock.offset = offset + 1;
}

function pass(owner: WindowPartition, silentMs: number, plan: ReturnType<typeof planOf>): void {
  const due = dueAfter(silentMs, owner, { plan, input: { marked: false } });
  if (due === undefined) return;
  owner.tick(due);
  owner.sayTicked();
}

const said = (owner: WindowPartition) =>
  owner.results.splice(0).map(({ event }) => {
    const { pane, index, sum } = event.data as Record<string, unknown>;
    return `${pane} ${index}: ${sum}`;
  });
const idsOf = (owner: WindowPartition) => owner.results.splice(0).map(({ event }) => event.id);

describe('early results of a window', () => {
  it('come after so many events, and the final one says that it is', async () => {
    const owner = await newOwner(planOf({ events: 2 }));
    for (const [offset, at] of [0, 1, 2, 3, 4, 70_000].entries()) take(owner, offset, at);
    assert.deepEqual(said(owner), ['early 2: 1', 'early 4: 6', 'final 5: 10']);
  });

  it('come by the time at which the log appended events, before the event that shows it', async () => {
    const owner = await newOwner(planOf({ every: 10_000 }));
    for (const [offset, at] of [0, 9_000, 10_000, 15_000, 20_000].entries()) take(owner, offset, at);
    assert.deepEqual(said(owner), ['early 2: 1', 'early 4: 6']);
  });

  it('come by events of other keys, and by records that count nowhere', async () => {
    const owner = await newOwner(planOf({ every: 10_000 }));
    take(owner, 0, 0);
    take(owner, 1, 10_000, 'other');
    assert.deepEqual(said(owner), ['early 1: 0']);
    const record: LogRecord = { offset: 2, timestamp: BEGIN + 20_000, key: null, value: Buffer.alloc(0), headers: {} };
    assert.ok(owner.isEarlyDue(record.timestamp));
    owner.giveEarly(record);
    assert.deepEqual(said(owner), ['early 1: 1']);
  });

  it('come by the clock of the owner where nothing comes, once', async () => {
    const plan = planOf({ every: 10_000 });
    const owner = await newOwner(plan);
    take(owner, 0, 0);
    pass(owner, 9_000, plan);
    assert.deepEqual(said(owner), []);
    pass(owner, 10_000, plan);
    pass(owner, 20_000, plan);
    assert.deepEqual(said(owner), ['early 1: 0']);
  });

  it('do not follow a result that was given as nothing came', async () => {
    const plan = planOf({ every: 10_000, events: 2 });
    const owner = await newOwner(plan);
    take(owner, 0, 0);
    pass(owner, 70_000, plan);
    for (const [offset, at] of [1, 2, 3, 4].entries()) take(owner, offset + 1, at);
    pass(owner, 20_000, plan);
    take(owner, 5, 62_000);
    assert.deepEqual(said(owner), ['final 1: 0', 'final 5: 10']);
  });

  it('have an id of their own, also where the final one counts the same events', async () => {
    const plan = planOf({ events: 1 });
    const owner = await newOwner(plan);
    take(owner, 0, 0);
    pass(owner, 70_000, plan);
    assert.equal(new Set(idsOf(owner)).size, 2);
  });

  it('are not there without the setting, and nothing of them is stored', async () => {
    const owner = await newOwner(planOf(undefined));
    for (const [offset, at] of [0, 50_000, 70_000].entries()) take(owner, offset, at);
    assert.deepEqual(said(owner), ['undefined undefined: 1']);
    const { changes } = owner.takeChanges(3);
    const [row] = changes.filter(change => change.kind === 'put-row' && change.table === 'windows');
    assert.equal(row?.kind === 'put-row' && JSON.parse(String(row.value)).length, 6);
  });

  it('are the same, in the same order, whenever an owner dies', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 9_000 }), key: fc.constantFrom('a', 'b') }), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.array(fc.nat(60), { maxLength: 4 }),
        fc.record({ every: fc.constantFrom(undefined, 2_000, 15_000), events: fc.integer({ min: 1, max: 7 }) }),
        async (drawn, deaths, early) => {
          const plan = planOf(early, 'never');
          let at = 0;
          const events = drawn.map(({ afterMs, key }, offset) => {
            at += afterMs;
            return { offset, at, key };
          });
          const whole = await newOwner(plan);
          for (const { offset, at, key } of events) take(whole, offset, at, key);
          const should = whole.results.map(({ event }) => JSON.stringify(event));

          const stored = new Stored();
          const seen: string[] = [];
          for (const [turn, death] of [...deaths, events.length].entries()) {
            const owner = await newOwner(plan, stored);
            const from = owner.clock.offset ?? 0;
            // A step is stored half of the way. All results behind it are made again.
            const kept = turn === deaths.length ? events.length : from + Math.floor(Math.max(0, death - from) / 2);
            for (const { offset, at, key } of events.slice(from, Math.max(death, kept))) {
              take(owner, offset, at, key);
              seen.push(...owner.results.splice(0).map(({ event }) => JSON.stringify(event)));
              if (offset + 1 === kept) stored.put(owner.takeChanges(kept).changes);
            }
          }
          assert.deepEqual([...new Set(seen)], should);
        },
      ),
      { numRuns: 200 },
    ));
});
