// Ranges, counts, pages and keys of a View over a real store equal those of a plain list, whatever
// the values, the direction and the size of a page.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TenfoldError } from '../../../core/errors.ts';
import { VIEW_ROWS, viewLayoutOf } from '../../../core/views/view-layout.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { Value } from '../../../drivers/store/values.ts';
import { countRows, readKeys, readRows } from '../../../gateway/views/read-rows.ts';
import { readViewQuery } from '../../../gateway/views/view-query.ts';
import { viewSpec } from '../../../resources/kinds/view.ts';
import type { Resource } from '../../../resources/resource.ts';
import { compareLists } from '../../contract/store/model.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { fakeResource } from '../../fakes/platform-view.ts';

interface ModelRow {
  readonly key: string;
  readonly who: Value;
  readonly at: Value;
}

const view = {
  ...fakeResource('View', 'orders'),
  spec: viewSpec.parse({ from: ['t'], table: { key: '${event.id}', indexes: [['who', 'at']] } }),
} as Resource<'View'>;
const value = fc.oneof(
  fc.constantFrom<Value>(null, false, true, 'ada', 'a', 'b', '17', '', '2026-01-31'),
  fc.integer({ min: -3, max: 20 }),
);
const rows = fc.uniqueArray(
  fc.record<ModelRow>({ key: fc.integer({ min: 0, max: 60 }).map(n => `o-${n}`), who: value, at: value }),
  { selector: ({ key }) => key, minLength: 10, maxLength: 40 },
);
const written = fc.constantFrom('null', 'true', 'false', '-1', '0', '3', '17', 'a', 'ada', 'b', '2026');
const question = fc.record(
  { value: written, from: written, to: written, order: fc.constant('desc'), limit: fc.integer({ min: 1, max: 9 }) },
  { requiredKeys: ['limit'] },
);

/** The text as a value of the type of the other, if it can be meant so. */
function meantAs(type: Value, text: string): Value | undefined {
  if (typeof type === 'string') return text;
  if (typeof type === 'number') return /^-?\d+$/.test(text) ? Number(text) : undefined;
  return ['null', 'true', 'false'].includes(text) && typeof JSON.parse(text) === typeof type
    ? JSON.parse(text)
    : undefined;
}

function isWithin(each: Value, from: string | undefined, to: string | undefined): boolean {
  const [lower, upper] = [from, to].map(text => (text === undefined ? each : meantAs(each, text)));
  if (lower === undefined || upper === undefined) return false;
  if ((each === null) !== (lower === null) || (each === null) !== (upper === null)) return false;
  return compareLists([lower], [each]) <= 0 && compareLists([each], [upper]) <= 0;
}

describe('ranges of a View', () => {
  const folder = temporaryFolder();
  let store: Store;
  before(async () => {
    store = await openStore(folder.file, createFakeWorld());
  });
  after(async () => {
    await store.close();
    folder.remove();
  });

  let generations = 0;
  const written = async (all: readonly ModelRow[]) => {
    const layout = viewLayoutOf('shop', 'orders', String(++generations).padStart(12, '0'));
    const byScope = Map.groupBy(all, ({ key }) => layout.scopeOf(partitionOf(key, layout.partitions)));
    for (const [scope, those] of byScope) {
      await store.apply(
        scope,
        those.map(({ key, who, at }) => ({
          kind: 'put-row' as const,
          table: VIEW_ROWS,
          key,
          value: JSON.stringify({ who, at }),
          indexes: { 'who,at': [who, at] },
        })),
      );
    }
    return layout;
  };

  it('are read page by page, in both directions, without a row twice or left out, and are counted', async () => {
    let [full, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(rows, fc.array(question, { minLength: 1, maxLength: 6 }), async (all, questions) => {
        const layout = await written(all);
        for (const { limit, order, ...bounds } of questions) {
          const { value: who, from, to } = bounds;
          const expected = all
            .filter(row => who === undefined || meantAs(row.who, who) === row.who)
            .filter(row => isWithin(who === undefined ? row.who : row.at, from, to))
            .sort((a, b) => compareLists([a.who, a.at, a.key], [b.who, b.at, b.key]))
            .map(({ key }) => key);
          if (order === 'desc') expected.reverse();
          const asked = new URLSearchParams({ index: 'who,at', ...bounds });
          let counted: ReturnType<typeof readViewQuery>;
          try {
            counted = readViewQuery(view, `${asked}&count=true`);
          } catch (error) {
            assert.ok(error instanceof TenfoldError && /begins behind/.test(error.message), String(error));
            assert.deepEqual(expected, []);
            refused++;
            continue;
          }
          assert.ok(counted.kind === 'count');
          assert.equal(await countRows(store, layout, counted), expected.length);
          const found: string[] = [];
          const paged = new URLSearchParams({ ...Object.fromEntries(asked), limit: String(limit) });
          if (order !== undefined) paged.set('order', order);
          for (;;) {
            const query = readViewQuery(view, String(paged));
            assert.ok(query.kind === 'rows');
            const page = await readRows(store, layout, query);
            assert.ok(page.rows.length <= limit);
            found.push(...page.rows.map(({ key }) => key));
            if (page.next === undefined) break;
            paged.set('after', page.next);
          }
          assert.deepEqual(found, expected, String(paged));
          if (expected.length > limit) full++;
        }
      }),
      { numRuns: 120 },
    );
    assert.ok(full > 5 && refused > 5, `${full} of several pages, ${refused} refused`);
  });

  it('are beside rows by their keys, in the order of the question', async () => {
    const all = Array.from({ length: 40 }, (_, n) => ({ key: `o-${n}`, who: 'ada', at: n }));
    const layout = await written(all);
    const keys = ['o-7', 'nobody', ...all.map(({ key }) => key).reverse()].filter(
      (key, at, list) => list.indexOf(key) === at,
    );
    const found = await readKeys(store, layout, keys);
    assert.deepEqual(
      found.map(({ key }) => key),
      keys.filter(key => key !== 'nobody'),
    );
  });

  it('are refused where they would count or hold too much', async () => {
    const layout = viewLayoutOf('shop', 'orders', '0123456789ab');
    const counts = { countRows: async () => 20_000 };
    const query = readViewQuery(view, 'index=who,at&count=true');
    assert.ok(query.kind === 'count');
    await assert.rejects(countRows(counts, layout, query), { code: 'query-too-large', message: /^"count".*Narrow/ });
    await assert.rejects(countRows({ countRows: async () => undefined }, layout, query), { code: 'query-too-large' });
    const large = new Uint8Array(4 * 1024 * 1024);
    const rows = {
      rows: async (_: string, __: string, keys: readonly string[]) =>
        keys.map(key => ({ key, value: large, version: '1' })),
    };
    await assert.rejects(readKeys(rows, layout, ['a', 'b', 'c', 'd', 'e']), {
      message: /^The rows that "keys".*fewer/,
    });
  });
});
