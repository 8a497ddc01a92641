// Rows that events are merged into, with a life time: a View that is built anew, in whatever steps, shows what one shows that was there all the time.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toRecord } from '../../../core/cloudevents/record.ts';
import { VIEW_ROWS } from '../../../core/views/view-layout.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { viewSpec } from '../../../resources/kinds/view.ts';
import { compileTable } from '../../../worker/views/table.ts';
import { SimulatedState } from '../../simulation/store/simulated-state.ts';

const HOUR_MS = 3_600_000;
const TTL_HOURS = 24;

const spec =
  viewSpec.parse({
    from: ['t'],
    table: { key: '${event.data.id}', merge: true, ttl: `${TTL_HOURS}h`, delete: '${has(event.data.gone)}' },
  }).table ?? assert.fail('There is no table.');

class Built {
  now = 0;
  readonly #state = new SimulatedState(() => this.now);
  readonly #shape = compileTable(spec, undefined);

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

  shownAt(now: number): [string, string][] {
    this.now = now;
    return this.#state.rowsOf('s', VIEW_ROWS).sort();
  }
}

const happened = fc.record({
  key: fc.constantFrom('a', 'b'),
  member: fc.constantFrom('x', 'y', 'z'),
  hours: fc.nat(2 * TTL_HOURS),
  gone: fc.boolean().map(isGone => isGone),
});

describe('rows that events are merged into', () => {
  it('show the same when they are built anew as when they were there all the time, and go at the same time', async () => {
    const steps = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(happened, { maxLength: 12 }), steps, fc.nat(30), async (all, sizes, later) => {
        let at = 0;
        const records = all.map(({ key, member, hours, gone }, offset): LogRecord => {
          // Never at the very moment that a row goes.
          at += hours * HOUR_MS + 60_001;
          const data = { id: key, [member]: offset, ...(gone && member === 'z' ? { gone: true } : {}) };
          const event = { specversion: '1.0', id: `${offset}`, source: '/t', type: 'T', data } as const;
          return { offset, timestamp: at, ...toRecord(event, key) };
        });
        const live = new Built();
        for (const record of records) {
          live.now = record.timestamp;
          await live.step([record]);
        }
        const anew = new Built();
        anew.now = at + later * HOUR_MS;
        const left = [...records];
        for (const size of sizes) await anew.step(left.splice(0, size));
        for (let hour = 0; hour <= 2 * TTL_HOURS; hour += 3) {
          const time = at + later * HOUR_MS + hour * HOUR_MS;
          assert.deepEqual(anew.shownAt(time), live.shownAt(time), `after ${hour} hours`);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
