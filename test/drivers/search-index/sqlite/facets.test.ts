// Facets over more documents than are counted.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { indexSettings } from '../../../../drivers/search-index/settings.ts';
import { countFacets, MAX_FACETED } from '../../../../drivers/search-index/sqlite/facets.ts';
import { tablesOf } from '../../../../drivers/search-index/sqlite/schema.ts';
import { planOf } from '../../../../drivers/search-index/text/plan.ts';

describe('facets over SQLite', () => {
  it('are refused for more documents than are counted, with what to do', () => {
    const db = new DatabaseSync(':memory:');
    const plan = planOf(indexSettings.parse({ fields: { tag: { type: 'keyword' } } }));
    const count = (documents: number) => {
      const text = `WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ?) SELECT id FROM n`;
      const matched = { text, parameters: [documents] };
      return countFacets({ id: 1, plan, tables: tablesOf(1) }, ['tag'], matched, sql => db.prepare(sql));
    };
    const message = /up to 50000 documents, and more match\. Narrow the query/;
    assert.throws(() => count(MAX_FACETED + 1), { code: 'query-too-large', message });
    db.exec(`CREATE TABLE ${tablesOf(1).tags} (field INTEGER, value TEXT, doc INTEGER)`);
    db.exec(`INSERT INTO ${tablesOf(1).tags} VALUES (${plan.values[0]?.number}, 'a', 7)`);
    assert.deepEqual(count(MAX_FACETED), [['tag', { values: [{ value: 'a', count: 1 }], others: 0 }]]);
    db.close();
  });
});
