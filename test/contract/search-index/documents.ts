// Contract of the search index: documents, versions, generations, filters and order.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Filter, SearchQuery } from '../../../drivers/search-index/query.ts';
import type { DocumentChange } from '../../../drivers/search-index/search-index.ts';
import type { IndexSettingsInput } from '../../../drivers/search-index/settings.ts';
import { idsOf, indexOf, newIndex, rejectsWith, type SearchSubject } from './subject.ts';

const SHOPS: IndexSettingsInput = {
  fields: {
    name: { type: 'text' },
    tags: { type: 'keyword' },
    'owner.name': { type: 'keyword' },
    seats: { type: 'number' },
    opened: { type: 'date' },
    isOpen: { type: 'boolean' },
    place: { type: 'geo' },
  },
};
const DOCUMENTS = {
  bern: {
    name: 'Coffee Bern',
    tags: ['quiet', 'wifi'],
    owner: { name: 'Ann' },
    seats: 20,
    opened: '2020-01-31T12:00:00Z',
    isOpen: true,
    place: { lat: 46.948, lon: 7.447 },
  },
  basel: {
    name: 'Coffee Basel',
    tags: 'wifi',
    owner: { name: 'Bob' },
    seats: 4.5,
    opened: 1_600_000_000_000,
    isOpen: false,
    place: { lat: 47.56, lon: 7.588 },
  },
  none: { name: 'Coffee' },
};
const text = { fields: { t: { type: 'text' as const } } };
const put = (id: string, version: number, t: string): DocumentChange => ({ kind: 'put', id, version, document: { t } });

export function documents(subject: () => SearchSubject): void {
  describe('documents', () => {
    it('come back as they went in, also members that are not searched', async () => {
      const { search } = subject();
      const document = { t: 'x', other: { deep: [1, null, 'ü🙂\0'] } };
      const name = await indexOf(search, text, { a: document });
      const { hits } = await search.search(name, { text: 'x' });
      assert.deepEqual(hits[0]?.document, document);
      assert.deepEqual(await search.document(name, 'a'), { document, version: 1 });
      assert.equal(await search.document(name, 'b'), undefined);
    });

    it('end as the highest version has them, whatever order writes come in, and however often', async () => {
      const { search } = subject();
      const versions = fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1 });
      const kinds = fc.array(fc.boolean(), { minLength: 7, maxLength: 7 });
      const name = await indexOf(search, text, {});
      let turn = 0;
      await fc.assert(
        fc.asyncProperty(versions, kinds, async (versions, deletes) => {
          const id = `d${turn++}`;
          const change = (version: number): DocumentChange =>
            deletes[version] ? { kind: 'delete', id, version } : put(id, version, `word${version} ${id}`);
          for (const version of [...versions, ...versions]) {
            const [outcome] = await search.change(name, [change(version)]);
            assert.ok(outcome?.kind === 'written' || outcome?.kind === 'outdated');
          }
          await search.refresh(name);
          const last = Math.max(...versions);
          const stored = await search.document(name, id);
          assert.equal(stored?.version, deletes[last] ? undefined : last);
          for (const version of versions) {
            const ids = await idsOf(search, name, { text: `word${version} ${id}` });
            assert.deepEqual(ids, version === last && !deletes[last] ? [id] : []);
          }
        }),
        { numRuns: 20 },
      );
    });

    it('tell of each change what became of it', async () => {
      const { search } = subject();
      const name = await indexOf(search, SHOPS, { a: { seats: 1 } });
      const outcomes = await search.change(name, [
        { kind: 'put', id: 'a', version: 1, document: { seats: 2 } },
        { kind: 'put', id: 'b', version: 1, document: { seats: 'many' } },
        { kind: 'put', id: 'c', version: 1, document: { place: { lat: 91, lon: 0 } } },
        { kind: 'put', id: 'd', version: 1, document: { seats: 3 } },
        { kind: 'put', id: 'd', version: 2, document: { seats: 4 } },
        { kind: 'delete', id: 'e', version: 0 },
      ]);
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ['outdated', 'refused', 'refused', 'written', 'written', 'written'],
      );
      assert.match(outcomes[1]?.kind === 'refused' ? outcomes[1].reason : '', /'?seats'?/);
      await search.refresh(name);
      assert.deepEqual(await idsOf(search, name, { filter: { field: 'seats', from: 2 } }), ['d']);
    });

    it('are gone when their time is over', async () => {
      const { search, pass } = subject();
      const name = await indexOf(search, text, { long: { t: 'x' } });
      await search.change(name, [{ kind: 'put', id: 'short', version: 5, document: { t: 'x' }, ttlMs: 50 }]);
      await search.refresh(name);
      assert.deepEqual((await idsOf(search, name, { text: 'x' })).sort(), ['long', 'short']);
      await pass(60);
      assert.deepEqual(await idsOf(search, name, { text: 'x' }), ['long']);
      assert.equal(await search.document(name, 'short'), undefined);
    });

    describeFilters(subject);
    describeOrder(subject);
    it('are there after the index was closed and opened again', async () => {
      const name = await indexOf(subject().search, text, { a: { t: 'kept' } });
      await subject().reopen();
      assert.deepEqual(await idsOf(subject().search, name, { text: 'kept' }), ['a']);
    });

    it('and questions that make no sense are refused', async () => {
      const { search } = subject();
      const name = await indexOf(search, SHOPS, DOCUMENTS);
      const wrong: SearchQuery[] = [
        { limit: 0 },
        { limit: 1001 },
        { after: 'x' },
        { filter: { field: 'nothing', in: ['x'] } },
        { filter: { field: 'name', in: ['x'] } },
        { filter: { field: 'seats', in: ['x'] } },
        { filter: { field: 'place', in: ['x'] } },
        { filter: { field: 'seats', near: { lat: 1, lon: 1 }, meters: 1 } },
        { sort: [{ field: 'nothing' }] },
        { fields: ['seats'], text: 'x' },
        { highlight: ['seats'], text: 'coffee' },
      ];
      for (const query of wrong) await rejectsWith('invalid-input', search.search(name, query));
      await rejectsWith('invalid-input', search.suggest(name, { field: 'seats', text: 'x' }));
      await rejectsWith('not-found', search.search('nothing-here', {}));
      await rejectsWith('not-found', search.change('nothing-here', [put('a', 1, 'x')]));
      await rejectsWith('invalid-input', search.change(name, [put('', 1, 'x')]));
      await rejectsWith('invalid-input', search.change(name, [put('a', -1, 'x')]));
      await rejectsWith('body-too-large', search.change(name, [put('a', 1, 'x'.repeat(1 << 20))]));
    });
  });

  describe('indexes', () => {
    it('are made once, and not with other settings', async () => {
      const { search } = subject();
      const name = newIndex();
      await search.ensureIndex(name, text);
      await search.change(name, [put('a', 1, 'x')]);
      await search.ensureIndex(name, { ...text, synonyms: [] });
      assert.ok(await search.document(name, 'a'));
      await rejectsWith('conflict', search.ensureIndex(name, { fields: { t: { type: 'keyword' } } }));
      await rejectsWith(
        'unsupported',
        search.ensureIndex(newIndex(), { fields: { t: { type: 'text', language: 'xx' } } }),
      );
      for (const wrong of ['', 'Upper', '_x', 'a b', 'x'.repeat(300)])
        await rejectsWith('invalid-input', search.ensureIndex(wrong, text));
    });

    it('are swapped behind an alias in one step, and dropped with all that they hold', async () => {
      const { search } = subject();
      const old = await indexOf(search, text, { a: { t: 'old' }, b: { t: 'old' } });
      const next = await indexOf(search, text, { a: { t: 'new' } });
      const alias = newIndex();
      await search.pointAliases({ [alias]: old });
      assert.deepEqual((await idsOf(search, alias, { text: 'old' })).sort(), ['a', 'b']);
      await rejectsWith('not-found', search.pointAliases({ [alias]: next, other: 'nothing-here' }));
      assert.equal((await idsOf(search, alias, {})).length, 2);
      await rejectsWith('conflict', search.pointAliases({ [old]: next }));
      await rejectsWith('conflict', search.ensureIndex(alias, text));
      await rejectsWith('not-found', search.change(alias, [put('a', 9, 'x')]));
      await search.pointAliases({ [alias]: next });
      assert.deepEqual(await idsOf(search, alias, { text: 'new' }), ['a']);
      assert.deepEqual(await search.indexes(next), [{ name: next, aliases: [alias] }]);
      await search.dropIndex(old);
      await search.dropIndex(old);
      await rejectsWith('not-found', search.search(old, {}));
      await search.ensureIndex(old, text);
      assert.deepEqual(await idsOf(search, old, {}), []);
      assert.deepEqual(await search.change(old, [put('a', 1, 'again')]), [{ kind: 'written' }]);
      await search.pointAliases({ [alias]: undefined });
      await rejectsWith('not-found', search.search(alias, {}));
    });
  });
}

function describeFilters(subject: () => SearchSubject): void {
  const filters: [string, Filter, string[]][] = [
    ['one of several values', { field: 'tags', in: ['quiet'] }, ['bern']],
    ['any of some values', { field: 'tags', in: ['wifi', 'other'] }, ['basel', 'bern']],
    ['a member of an object', { field: 'owner.name', in: ['Bob'] }, ['basel']],
    ['the beginning of a keyword', { field: 'owner.name', startsWith: 'A' }, ['bern']],
    ['no other case of a keyword', { field: 'owner.name', in: ['ann'] }, []],
    ['a number', { field: 'seats', in: [4.5] }, ['basel']],
    ['a range of numbers', { field: 'seats', from: 4.5, to: 19 }, ['basel']],
    ['from a number on', { field: 'seats', from: 5 }, ['bern']],
    [
      'a range of dates, written either way',
      { field: 'opened', from: '2020-01-31T13:00:00+01:00', to: 1_580_472_000_000 },
      ['bern'],
    ],
    ['a boolean', { field: 'isOpen', in: [false] }, ['basel']],
    ['what is there', { field: 'seats', exists: true }, ['basel', 'bern']],
    ['what is not there', { field: 'tags', exists: false }, ['none']],
    ['a place within 1 km', { field: 'place', near: { lat: 46.95, lon: 7.45 }, meters: 1000 }, ['bern']],
    ['a place within 100 km', { field: 'place', near: { lat: 46.95, lon: 7.45 }, meters: 100_000 }, ['basel', 'bern']],
    [
      'all of several',
      {
        all: [
          { field: 'tags', in: ['wifi'] },
          { field: 'isOpen', in: [true] },
        ],
      },
      ['bern'],
    ],
    [
      'any of several',
      {
        any: [
          { field: 'seats', in: [20] },
          { field: 'seats', exists: false },
        ],
      },
      ['bern', 'none'],
    ],
    ['not', { not: { field: 'tags', in: ['quiet'] } }, ['basel', 'none']],
    ['not a range', { not: { field: 'seats', from: 5 } }, ['basel', 'none']],
    ['all of nothing', { all: [] }, ['basel', 'bern', 'none']],
    ['any of nothing', { any: [] }, []],
  ];
  for (const [what, filter, expected] of filters) {
    it(`are filtered by ${what}, with words and without`, async () => {
      const { search } = subject();
      const name = await indexOf(search, SHOPS, DOCUMENTS);
      assert.deepEqual((await idsOf(search, name, { filter })).sort(), expected);
      assert.deepEqual((await idsOf(search, name, { filter, text: 'coffee' })).sort(), expected);
    });
  }
}

function describeOrder(subject: () => SearchSubject): void {
  const orders: [string, NonNullable<SearchQuery['sort']>, string[]][] = [
    ['a number', [{ field: 'seats' }], ['basel', 'bern', 'none']],
    [
      'a number, backwards, those without it last',
      [{ field: 'seats', order: 'descending' }],
      ['bern', 'basel', 'none'],
    ],
    ['a date', [{ field: 'opened' }], ['bern', 'basel', 'none']],
    ['a keyword', [{ field: 'owner.name', order: 'descending' }], ['basel', 'bern', 'none']],
    ['distance', [{ field: 'place', near: { lat: 47.5, lon: 7.6 } }], ['basel', 'bern', 'none']],
  ];
  for (const [what, sort, expected] of orders) {
    it(`are sorted by ${what}, page by page`, async () => {
      const { search } = subject();
      const name = await indexOf(search, SHOPS, DOCUMENTS);
      for (const text of ['', 'coffee']) {
        const ids: string[] = [];
        let after: string | undefined;
        do {
          const page = await search.search(name, { text, sort, limit: 2, after });
          assert.deepEqual(page.total, { count: 3, isExact: true });
          ids.push(...page.hits.map(({ id }) => id));
          after = page.next;
        } while (after !== undefined);
        assert.deepEqual(ids, expected);
      }
    });
  }
}
