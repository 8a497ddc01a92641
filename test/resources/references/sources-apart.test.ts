// Two Topics with one outbox table would each get a part of its rows.
import assert from 'node:assert/strict';
import { check, type Declared } from './check-text.ts';

const topic = (name: string, table: string): Declared => [
  'Topic',
  name,
  `{ source: { postgres: { secret: db, table: ${table} } } }`,
];

describe('two Topics with a source', () => {
  it('are refused with one table', () => {
    const found = check([topic('a', 'outbox'), topic('b', 'outbox')]);
    assert.deepEqual(
      found.map(({ severity, path }) => `${severity} ${path}`),
      ['error spec.source.postgres.table'],
    );
    assert.match(found[0]?.message ?? '', /Topic "a" reads the table "outbox" already/);
  });

  it('have a table each', () => {
    assert.deepEqual(check([topic('a', 'outbox'), topic('b', 'shop.outbox')]), []);
  });
});
