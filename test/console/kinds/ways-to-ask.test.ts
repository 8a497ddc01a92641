// The ways in which the page of a View asks for rows, by the View's manifest.
import assert from 'node:assert/strict';
import { toQuery, waysToAsk } from '../../../console/pages/kinds/view/ways-to-ask.ts';

const of = (spec: unknown) => waysToAsk({ kind: 'View', spec });

describe('the ways to ask a View', () => {
  for (const [title, spec, ids] of [
    ['a table', { table: { key: 'x' } }, ['key', 'keys']],
    [
      'a table with indexes',
      { table: { indexes: ['author', ['page', 'user']] } },
      ['key', 'keys', 'index:author', 'index:page,user', 'count:author', 'count:page,user'],
    ],
    ['an aggregate', { aggregate: { by: 'x', indexes: ['total'] } }, ['key', 'keys', 'index:total', 'count:total']],
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
    const ways = of({ table: { indexes: [['page', 'user']] } });
    const way = ways.find(({ id }) => id === 'index:page,user');
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

  it('make a query for several keys, for a number of rows, for chosen members and for facets', () => {
    const ask = (spec: unknown, id: string, said: Readonly<Record<string, string>>) => {
      const way = of(spec).find(each => each.id === id) ?? assert.fail(id);
      return toQuery(way, name => said[name] ?? '');
    };
    const table = { table: { indexes: [['page', 'user']] } };
    assert.deepEqual(ask(table, 'keys', { keys: 'a,b\r\n\n c ', fields: 'page' }), [
      ['keys', 'a,b'],
      ['keys', 'c'],
      ['fields', 'page'],
    ]);
    assert.deepEqual(ask(table, 'count:page,user', { value1: '/home', to: 'u9', limit: '5' }), [
      ['index', 'page,user'],
      ['count', 'true'],
      ['value', '/home'],
      ['to', 'u9'],
    ]);
    const fields = { text: {}, author: { type: 'keyword' }, likes: { type: 'number' }, at: { type: 'date' } };
    const search = { search: { fields } };
    assert.equal(of(search)[0]?.fields.find(({ name }) => name === 'facets')?.hint, 'author,likes');
    assert.deepEqual(ask(search, 'search', { q: 'tea', facets: 'author' }), [
      ['q', 'tea'],
      ['facets', 'author'],
    ]);
    const hasMembers = (spec: unknown) => of(spec).some(way => way.fields.some(({ name }) => name === 'fields'));
    assert.deepEqual([hasMembers({ ranking: {} }), hasMembers({ ranking: { value: 'x' } })], [false, true]);
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
