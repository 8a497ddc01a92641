// A limit of a query leaves nothing out in silence: what fits is answered whole, and one more is
// refused, or left out with a note where that was asked for.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { SqlQuestion } from '../../../admin/sql-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { createSqlService } from '../../../server/sql/sql-service.ts';
import type { TableSource } from '../../../server/sql/sql-tables.ts';
import { DAY, layoutOf } from '../../worker/archive/make.ts';
import { openTestStorage, type TestStorage } from '../../worker/archive/test-storage.ts';

/** Bytes of the data of an event, as JSON. */
const EVENT_BYTES = 1000;
const EVENTS = 40;
const MOST = { rows: 1000, bytes: 1024 ** 2, windows: 1000 };

interface Limited {
  readonly table: (count: number) => TableSource;
  readonly most: (limit: number) => typeof MOST;
}

const archive = {
  layout: layoutOf(),
  topic: 'clicks',
  marked: false,
  toEvents: ({ offset }: LogRecord) => {
    const data = 'x'.repeat(EVENT_BYTES);
    const event = { specversion: '1.0' as const, id: `e${offset}`, source: '/clicks', type: 'Clicked', data };
    return [{ event, timeMs: DAY, key: null }];
  },
};
const place = { namespace: 'default', name: 'clicks', pipeline: 'clicks' };
const viewOf = (count: number): TableSource => ({
  kind: 'view',
  namespace: 'default',
  name: 'clicks',
  view: 'clicks',
  columns: [{ name: 'key', type: 'VARCHAR' }],
  async *rows() {
    for (let n = 0; n < count; n++) yield { key: `k${n}` };
  },
});
const LIMITS: Readonly<Record<string, Limited>> = {
  'events that are in no file': {
    table: () => ({ kind: 'archive', ...place, archive }),
    most: rows => ({ ...MOST, rows }),
  },
  'rows of a View': { table: viewOf, most: rows => ({ ...MOST, rows }) },
  'open windows': {
    table: count => ({
      kind: 'window',
      ...place,
      columns: [{ name: 'n', type: 'BIGINT' }],
      async *rows() {
        for (let n = 0; n < count; n++) yield { n };
      },
    }),
    most: windows => ({ ...MOST, windows }),
  },
};

describe('a limit of SQL', () => {
  let storage: TestStorage;
  before(async () => {
    storage = await openTestStorage();
    await storage.log.ensureTopic('clicks', { partitions: 2 });
    for (let n = 0; n < EVENTS; n++)
      await storage.log.append('clicks', [{ key: `k${n}`, value: Buffer.from('{}'), headers: {} }]);
  });
  after(() => storage.close());

  const ask = async (table: TableSource, most: typeof MOST, more: Partial<SqlQuestion> = {}) => {
    const service = createSqlService({ world: storage.world, storage, tables: () => [table], most });
    const rows: unknown[] = [];
    const notes: string[] = [];
    const question = { namespace: 'default', sql: 'SELECT count(*) FROM clicks', ...more };
    for await (const answer of service.ask(question, new AbortController().signal)) {
      if (answer.kind === 'rows') rows.push(...answer.rows.flat());
      if (answer.kind === 'note') notes.push(answer.message);
    }
    return { rows, notes };
  };
  const isTooLarge = (error: unknown) => {
    assert.ok(error instanceof TenfoldError, String(error));
    assert.equal(error.code, 'query-too-large');
    assert.match(error.message, /More than .* of clicks .*\(--partial\)/);
    return true;
  };

  for (const [what, { table, most }] of Object.entries(LIMITS)) {
    it(`on ${what} refuses whatever has one more`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: EVENTS - 3, max: EVENTS + 3 }), async limit => {
          const asked = ask(table(EVENTS), most(limit));
          if (limit < EVENTS) return await assert.rejects(asked, isTooLarge);
          assert.deepEqual(await asked, { rows: [EVENTS], notes: [] });
        }),
        { numRuns: 8, examples: [[EVENTS - 1], [EVENTS]] },
      );
    });

    it(`on ${what} leaves out what is beyond where that was asked for, and says so`, async () => {
      const { rows, notes } = await ask(table(EVENTS), most(EVENTS - 1), { partial: true });
      assert.ok(Number(rows[0]) < EVENTS, String(rows));
      assert.match(notes.join(), /More than 39 .* of clicks .* the answer lacks them/);
      // Where all fits there is nothing to say.
      assert.deepEqual(await ask(table(EVENTS), most(EVENTS), { partial: true }), { rows: [EVENTS], notes: [] });
    });
  }

  it('on bytes of events refuses more of them', async () => {
    const table = { kind: 'archive', ...place, archive } as const;
    await assert.rejects(ask(table, { ...MOST, bytes: EVENTS * EVENT_BYTES }), isTooLarge);
    assert.deepEqual(await ask(table, { ...MOST, bytes: EVENTS * EVENT_BYTES * 2 }), { rows: [EVENTS], notes: [] });
  });

  it('does not count events of days that were not asked for', async () => {
    const table = { kind: 'archive', ...place, archive } as const;
    const days = { until: '2026-11-24' };
    assert.deepEqual(await ask(table, { ...MOST, rows: 1 }, days), { rows: [0], notes: [] });
  });

  it('on rows of an answer refuses more than 10,000, unless it is said how many there shall be', async () => {
    const table = { kind: 'archive', ...place, archive } as const;
    const sql = 'SELECT range FROM range(10001)';
    const refused = (error: unknown) => {
      assert.ok(error instanceof TenfoldError, String(error));
      assert.equal(error.code, 'query-too-large');
      assert.match(error.message, /more than 10000 rows.*--rows/);
      return true;
    };
    await assert.rejects(ask(table, MOST, { sql }), refused);
    assert.equal((await ask(table, MOST, { sql, rows: 10_000 })).rows.length, 10_000);
    assert.equal((await ask(table, MOST, { sql: `${sql} LIMIT 10000` })).rows.length, 10_000);
  });
});
