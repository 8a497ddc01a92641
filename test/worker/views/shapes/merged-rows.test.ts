// Rows that events are merged into, with a time to live: a View that is built anew, in whatever
// steps, shows what one shows that was there all the time.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toRecord } from '../../../../core/cloudevents/record.ts';
import { VIEW_ROWS } from '../../../../core/views/view-layout.ts';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../../drivers/store/changes.ts';
import { viewSpec } from '../../../../resources/kinds/view.ts';
import { compileTable } from '../../../../worker/views/shapes/table.ts';
import { SimulatedState } from '../../../simulation/store/simulated-state.ts';

const HOUR_MS = 3_600_000;
const TTL_HOURS = 24;
const TTL_MS = TTL_HOURS * HOUR_MS;

type Members = Readonly<Record<string, unknown>>;

/** A table with a time to live, and what an event makes of a row, in plain words. */
interface Subject {
  readonly table: object;
  next(before: Members | undefined, data: Members): Members;
}

const MERGED: Subject = { table: { merge: true }, next: (before, data) => ({ ...before, ...data }) };
const COUNTED: Subject = {
  table: { value: { n: '${row == null ? 1 : row.n + 1}', last: '${event.data}' } },
  next: (before, data) => ({ n: Number(before?.['n'] ?? 0) + 1, last: data }),
};

const specOf = (table: object) =>
  viewSpec.parse({
    from: ['t'],
    table: { key: '${event.data.id}', ttl: `${TTL_HOURS}h`, delete: '${has(event.data.gone)}', ...table },
  }).table ?? assert.fail('There is no table.');
const merged = compileTable(specOf(MERGED.table), undefined);
const counted = compileTable(specOf(COUNTED.table), undefined);

class Built {
  now = 0;
  readonly #state = new SimulatedState(() => this.now);
  readonly #shape: typeof merged;

  constructor(shape = merged) {
    this.#shape = shape;
  }

  async step(records: readonly LogRecord[]): Promise<void> {
    const store = {
      now: () => this.now,
      rows: async (scope: string, table: string, keys: readonly string[]) =>
        keys.map(key => {
          const value = this.#state.bytes(scope, table, key);
          return value && { key, value, version: '' };
        }),
      changeDocuments: async () => assert.fail('nothing is indexed'),
    };
    const made = records.flatMap(record =>
      this.#shape.project(record).map(keyed => ({ ...record, headers: {}, ...keyed })),
    );
    this.#state.apply('s', await this.#shape.toChanges(made, 's', store), undefined);
  }

  /** As a version does that keeps rows alone. */
  change(...changes: Change[]): void {
    this.#state.apply('s', changes, undefined);
  }

  shownAt(now: number): [string, string][] {
    this.now = now;
    return this.#state.rowsOf('s', VIEW_ROWS).sort();
  }
}

/**
 * Rows by what was appended when, in the order of reading, whenever that is:
 * nothing of a worker or a store.
 */
class Plain {
  readonly #rows = new Map<string, { members: Members; until: number }>();
  readonly #next: Subject['next'];

  constructor(next: Subject['next']) {
    this.#next = next;
  }

  read({ key, data, at, gone }: Happened): void {
    const row = this.#rows.get(key);
    if (gone) this.#rows.delete(key);
    else if (row === undefined || row.until < at)
      this.#rows.set(key, { members: this.#next(undefined, data), until: at + TTL_MS });
    else this.#rows.set(key, { members: this.#next(row.members, data), until: Math.max(row.until, at + TTL_MS) });
  }

  shownAt(now: number): [string, string][] {
    const alive = [...this.#rows].filter(([, { until }]) => until > now);
    return alive.map(([key, { members }]): [string, string] => [key, JSON.stringify(members)]).sort();
  }
}

interface Happened {
  readonly key: string;
  readonly data: Record<string, unknown>;
  readonly at: number;
  readonly gone: boolean;
}

const happened = fc.record({
  key: fc.constantFrom('a', 'b'),
  member: fc.constantFrom('x', 'y', 'z'),
  hours: fc.nat(TTL_HOURS + 6),
  /**
   * By how much its source is behind when it is read; nothing but for few, so that
   * sources overtake each other.
   */
  lagHours: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(20)),
  gone: fc.boolean(),
});

/** No two moments that matter are the same: each has seconds of its own within the hour. */
const distinct = (hours: number, number: number) => hours * HOUR_MS + number * 61_000;

describe('rows that events are merged into', () => {
  const subjects = [
    ['', merged, MERGED, 3_000],
    [', where events are counted in them', counted, COUNTED, 1_000],
  ] as const;
  for (const [where, shape, { next }, numRuns] of subjects)
    it(`live from the newest of their events, whichever sources lag, are read in whatever steps, or again from the start${where}`, async () => {
      const steps = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(fc.array(happened, { maxLength: 12 }), steps, fc.nat(30), async (all, sizes, later) => {
          let hours = 0;
          const events = all.map(({ key, member, hours: pause, lagHours, gone }, number) => {
            hours += pause;
            const isGone = gone && member !== 'x';
            const data = { id: key, [member]: number, ...(isGone ? { gone: true } : {}) };
            return { key, data, gone: isGone, at: distinct(hours, number), readAt: distinct(hours + lagHours, number) };
          });
          const read = events.toSorted((one, other) => one.readAt - other.readAt);
          const records = read.map(({ key, data, at }, offset): LogRecord => {
            const event = { specversion: '1.0', id: `${offset}`, source: '/t', type: 'T', data } as const;
            return { offset, timestamp: at, ...toRecord(event, key) };
          });
          const plain = new Plain(next);
          const live = new Built(shape);
          for (const [index, event] of read.entries()) {
            plain.read(event);
            live.now = event.readAt;
            await live.step(records.slice(index, index + 1));
          }
          const end = (read.at(-1)?.readAt ?? 0) + later * HOUR_MS;
          const anew = new Built(shape);
          anew.now = end;
          const left = [...records];
          for (const size of sizes) await anew.step(left.splice(0, size));
          for (let hour = 0; hour <= 3 * TTL_HOURS; hour += 3) {
            // Away from every moment at which a row can go.
            const time = end + hour * HOUR_MS + 30_500;
            assert.deepEqual(live.shownAt(time), plain.shownAt(time), `live, after ${hour} hours`);
            assert.deepEqual(anew.shownAt(time), plain.shownAt(time), `built anew, after ${hour} hours`);
          }
        }),
        { numRuns },
      );
    });

  const eventAt = (hours: number, data: Record<string, unknown>, offset = hours): LogRecord => {
    const event = { specversion: '1.0', id: `${offset}`, source: '/t', type: 'T', data: { id: 'a', ...data } } as const;
    return { offset, timestamp: hours * HOUR_MS, ...toRecord(event, 'a') };
  };

  it('do not get back what a worker of an earlier version deleted', async () => {
    const built = new Built();
    await built.step([eventAt(0, { x: 1 })]);
    built.change({ kind: 'delete-row', table: VIEW_ROWS, key: 'a' });
    built.now = 2 * HOUR_MS;
    await built.step([eventAt(2, { y: 2 })]);
    assert.deepEqual(built.shownAt(2 * HOUR_MS), [['a', '{"id":"a","y":2}']]);
  });

  it('hold what a worker of an earlier version wrote, and live on when an older event comes', async () => {
    const built = new Built();
    built.now = 20 * HOUR_MS;
    const value = '{"id":"a","x":1}';
    built.change({ kind: 'put-row', table: VIEW_ROWS, key: 'a', value, ttlMs: TTL_MS });
    await built.step([eventAt(1, { y: 2 })]);
    assert.deepEqual(built.shownAt(43 * HOUR_MS), [['a', '{"id":"a","x":1,"y":2}']]);
  });
});
