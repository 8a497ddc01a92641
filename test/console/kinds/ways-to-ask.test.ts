// The ways in which the page of a View asks for rows, by the View's manifest.
import assert from 'node:assert/strict';
import { toQuery, waysToAsk } from '../../../console/pages/kinds/view/ways-to-ask.ts';

const of = (spec: unknown) => waysToAsk({ kind: 'View', spec });

describe('the ways to ask a View', () => {
  for (const [title, spec, ids] of [
    ['a table', { table: { key: 'x' } }, ['key']],
    [
      'a table with indexes',
      { table: { indexes: ['author', ['page', 'user']] } },
      ['key', 'index:author', 'index:page,user'],
    ],
    ['an aggregate', { aggregate: { by: 'x', indexes: ['total'] } }, ['key', 'index:total']],
    ['a ranking', { ranking: {} }, ['top', 'member', 'around']],
    ['feeds', { feed: {} }, ['feed']],
    ['a search', { search: { fields: {} } }, ['search', 'document']],
    ['nothing that is known', {}, []],
  ] as const)
    it(`are those of ${title}`, () =>
      assert.deepEqual(
        of(spec).map(({ id }) => id),
        ids,
      ));

  it('make the query that a client would send', () => {
    const [, way] = of({ table: { indexes: [['page', 'user']] } });
    assert.ok(way);
    const query = (said: Readonly<Record<string, string>>) => toQuery(way, name => said[name] ?? '');
    const index = ['index', 'page,user'];
    assert.deepEqual(query({}), [index]);
    assert.deepEqual(query({ value1: '/home', value2: 'u1', order: 'desc', limit: '5' }), [
      index,
      ['value', '/home'],
      ['value', 'u1'],
      ['order', 'desc'],
      ['limit', '5'],
    ]);
    assert.deepEqual(query({ value1: '/home', from: 'u1', to: 'u9' })?.slice(1), [
      ['value', '/home'],
      ['from', 'u1'],
      ['to', 'u9'],
    ]);
    assert.throws(() => query({ value2: 'u1' }), /Fill in "page" first/);
  });

  it('ask for nothing without what is needed', () => {
    const [way] = of({ ranking: {} });
    assert.ok(way);
    assert.equal(
      toQuery(way, () => ''),
      undefined,
    );
    assert.deepEqual(
      toQuery(way, () => '10'),
      [['top', '10']],
    );
  });
});
