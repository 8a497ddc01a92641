// Questions to a View: how they are read, and what is refused.
import assert from 'node:assert/strict';
import { readViewQuery } from '../../../gateway/views/view-query.ts';
import { viewSpec } from '../../../resources/kinds/view.ts';
import type { Resource } from '../../../resources/resource.ts';
import { fakeResource } from '../../fakes/platform-view.ts';

const viewOf = (shape: object) =>
  ({
    ...fakeResource('View', 'tweets'),
    spec: viewSpec.parse({ from: ['tweets'], query: { maxLimit: 50 }, ...shape }),
  }) as Resource<'View'>;
const view = viewOf({
  table: { key: '${event.data.id}', indexes: ['author', ['author', 'at']] },
});
const ranking = viewOf({ ranking: { member: '${event.data.id}' } });
const totals = viewOf({ aggregate: { by: '${event.data.id}', values: { n: 'count()' }, indexes: ['n'] } });
const feed = viewOf({ feed: { owner: '${event.data.id}' } });
const read = (search: string) => readViewQuery(view, search);
const rows = {
  kind: 'rows',
  index: 'author',
  prefixes: [[]],
  limit: 20,
  reverse: false,
  after: undefined,
  waitFor: [],
};

describe('a question to a View', () => {
  const asked: Readonly<Record<string, unknown>> = {
    '?key=a%20b': { kind: 'row', key: 'a b', waitFor: [] },
    '?key=a&after=tweets.new@0:17': {
      kind: 'row',
      key: 'a',
      waitFor: [{ topic: 'tweets.new', partition: 0, offset: 17 }],
    },
    '?index=author': rows,
    '?index=author&value=ada': { ...rows, prefixes: [['ada']] },
    '?index=author&value=17': { ...rows, prefixes: [[17], ['17']] },
    '?index=author&value=017': { ...rows, prefixes: [['017']] },
    '?index=author,at&value=true&value=x': {
      ...rows,
      index: 'author,at',
      prefixes: [
        [true, 'x'],
        ['true', 'x'],
      ],
    },
    '?index=author&limit=50&order=desc&after=abc': { ...rows, limit: 50, reverse: true, after: 'abc' },
    '?keys=b&keys=a,c': { kind: 'keys', keys: ['b', 'a,c'], waitFor: [] },
    '?key=a&fields=total,customer.name': { kind: 'row', key: 'a', fields: ['total', 'customer.name'], waitFor: [] },
    '?index=author&value=ada&count=true': { kind: 'count', index: 'author', prefixes: [['ada']], waitFor: [] },
    '?index=author,at&value=ada&from=10&to=20': {
      ...rows,
      index: 'author,at',
      prefixes: [['ada']],
      ranges: [
        { from: { value: 10, inclusive: true }, to: { value: 20, inclusive: true } },
        { from: { value: '10', inclusive: true }, to: { value: '20', inclusive: true } },
      ],
    },
    '?index=author&from=b': { ...rows, ranges: [{ from: { value: 'b', inclusive: true }, to: undefined }] },
    '?index=author&to=b': {
      ...rows,
      ranges: [{ from: { value: '', inclusive: true }, to: { value: 'b', inclusive: true } }],
    },
    '?index=author&after=t@1:2,t@0:3&after=abc': {
      ...rows,
      after: 'abc',
      waitFor: [
        { topic: 't', partition: 1, offset: 2 },
        { topic: 't', partition: 0, offset: 3 },
      ],
    },
  };
  for (const [search, expected] of Object.entries(asked)) {
    it(`is read from ${search}`, () => assert.deepEqual(read(search), expected));
  }

  const refused: Readonly<Record<string, RegExp>> = {
    '': /one of these/,
    '?key=': /empty/,
    '?key=a&index=author': /one of these/,
    '?key=a&keys=b': /one of these/,
    '?keys=a&keys=a': /"keys" has "a" twice/,
    '?keys=': /"keys" is empty/,
    '?keys=a&limit=3': /"limit" goes with "index"/,
    [`?${'keys=a&'.repeat(51)}`]: /"keys" is there 51 times, and 50 are allowed; "query.maxLimit"/,
    '?index=author&value=a&from=b': /Leave out a "value"/,
    '?index=author&from=b&to=a': /"from" begins behind "to"/,
    '?index=author&from=10..20': /"from" takes no ranges/,
    '?index=author&from=': /"from" is empty/,
    '?index=author&count=yes': /"count" is true/,
    '?index=author&count=true&limit=3': /"limit" does not go with "count"/,
    '?index=author&count=true&fields=a': /"fields" chooses members/,
    '?key=a&fields=a..b': /names of members/,
    '?key=a&fields=a,b,a': /twice/,
    '?key=a&fields=a.b,a': /a.b is a part of it/,
    [`?key=a&fields=${'a,'.repeat(33)}`]: /34 names, and 32 are allowed/,
    '?key=a&limit=3': /goes with "index"/,
    '?key=a&key=b': /twice/,
    '?key=a&after=abc': /position of an event/,
    '?index=text': /It has author and author,at/,
    '?index=author&value=a&value=b': /at most 1 value/,
    '?index=author&limit=51': /1 to 50/,
    '?index=author&limit=0': /1 to 50/,
    '?index=author&order=up': /asc or desc/,
    '?index=author&after=abc&after=def': /two/,
    '?index=author&after=t@x': /topic@partition:offset/,
    '?top=3': /not asked by "top"/,
  };
  for (const [search, message] of Object.entries(refused)) {
    it(`is refused as ${search || 'nothing'}`, () => {
      assert.throws(() => read(search), { code: 'bad-request', message });
    });
  }

  it('to an aggregate is for rows, by key or by an index of values', () => {
    assert.deepEqual(readViewQuery(totals, '?key=ada'), { kind: 'row', key: 'ada', waitFor: [] });
    assert.deepEqual(readViewQuery(totals, '?index=n&order=desc'), { ...rows, index: 'n', reverse: true });
    const refused = { '': /with an aggregate/, '?index=m': /It has n\./, '?top=3': /not asked by "top"/ };
    for (const [search, message] of Object.entries(refused)) {
      assert.throws(() => readViewQuery(totals, search), { code: 'bad-request', message }, search);
    }
  });

  it('to a ranking is for the best, or for a member', () => {
    assert.deepEqual(readViewQuery(ranking, '?top=50'), { kind: 'top', limit: 50, waitFor: [] });
    assert.deepEqual(readViewQuery(ranking, '?key=ada'), { kind: 'member', key: 'ada', waitFor: [] });
    assert.deepEqual(readViewQuery(ranking, '?key=ada&around=24'), {
      kind: 'around',
      key: 'ada',
      around: 24,
      waitFor: [],
    });
    const tooMany = /^"around" is a whole number from 0 to 24, .*"query.maxLimit"/;
    assert.throws(() => readViewQuery(ranking, '?key=ada&around=25'), { code: 'bad-request', message: tooMany });
    assert.throws(() => readViewQuery(ranking, '?top=3&around=2'), { message: /"around" goes with "key"/ });
    for (const search of ['', '?top=51', '?top=0', '?top=1&key=a', '?index=a', '?top=1&after=abc']) {
      assert.throws(() => readViewQuery(ranking, search), { code: 'bad-request' }, search);
    }
  });

  it('to feeds is for the newest of an owner', () => {
    assert.deepEqual(readViewQuery(feed, '?owner=ada&limit=3&after=abc'), {
      kind: 'feed',
      owner: 'ada',
      limit: 3,
      after: 'abc',
      waitFor: [],
    });
    for (const search of ['', '?owner=', '?owner=a&limit=51', '?key=a']) {
      assert.throws(() => readViewQuery(feed, search), { code: 'bad-request' }, search);
    }
  });
});
