// Contract of the search index: the values of the documents that match, counted.
import assert from 'node:assert/strict';
import type { SearchQuery } from '../../../drivers/search-index/query.ts';
import type { Facet } from '../../../drivers/search-index/search-index.ts';
import { indexOf, rejectsWith, type SearchSubject } from './subject.ts';

const settings = {
  fields: {
    name: { type: 'text', fuzzy: true },
    tags: { type: 'keyword' },
    seats: { type: 'number' },
    isOpen: { type: 'boolean' },
    opened: { type: 'date' },
    place: { type: 'geo' },
  },
} as const;
const shop = (n: number) => ({
  name: n % 3 === 0 ? `coffee ${n}` : `tea ${n}`,
  tags: [`t${n % 7}`, n % 2 ? 'odd' : 'even', n % 2 ? 'odd' : 'even'],
  ...(n % 5 === 0 ? {} : { seats: n % 4 }),
  isOpen: n % 4 === 0,
});
const SHOPS = Array.from({ length: 60 }, (_, n) => shop(n));

function plain(shops: typeof SHOPS, valuesOf: (each: ReturnType<typeof shop>) => readonly unknown[]): Facet {
  const counts = new Map<string | number | boolean, number>();
  for (const each of shops) {
    for (const value of new Set(valuesOf(each)) as Set<string | number | boolean>) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  const values = [...counts].map(([value, count]) => ({ value, count }));
  return { values: values.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)), others: 0 };
}

export function facets(subject: () => SearchSubject): void {
  describe('facets', () => {
    const asked: readonly [string, SearchQuery, (n: number) => boolean][] = [
      ['all', {}, () => true],
      ['a filter', { filter: { field: 'seats', from: 2 } }, n => n % 5 !== 0 && n % 4 >= 2],
      ['words', { text: 'coffee' }, n => n % 3 === 0],
      ['words with a typo, and a filter', { text: 'cofee', filter: { field: 'tags', in: ['odd'] } }, n => n % 6 === 3],
      ['nothing', { text: 'lighthouse' }, () => false],
      ['no words at all', { text: '...' }, () => false],
    ];
    it('count all documents that match, whatever page is shown', async () => {
      const { search } = subject();
      const name = await indexOf(search, settings, Object.fromEntries(SHOPS.map((each, n) => [`s${n}`, each])));
      for (const [what, query, fits] of asked) {
        const shops = SHOPS.filter((_, n) => fits(n));
        const answer = await search.search(name, { ...query, facets: ['tags', 'seats', 'isOpen'], limit: 1 });
        const expected = {
          tags: plain(shops, ({ tags }) => tags),
          seats: plain(shops, each => ('seats' in each ? [each.seats] : [])),
          isOpen: plain(shops, ({ isOpen }) => [isOpen]),
        };
        assert.deepEqual(answer.facets, expected, what);
        assert.equal(answer.total.count, shops.length, what);
      }
      assert.deepEqual((await search.search(name, {})).facets, {});
    });

    it('list the most frequent values, and say how many documents have others', async () => {
      const { search } = subject();
      const many = Array.from({ length: 55 }, (_, n) => [`m${n}`, { tags: ['all', String(n).padStart(2, '0')] }]);
      const name = await indexOf(search, settings, Object.fromEntries(many));
      const { values, others } = (await search.search(name, { facets: ['tags'] })).facets['tags'] ?? assert.fail();
      assert.deepEqual(
        [values.length, values[0], values[1], values.at(-1), others],
        [50, { value: 'all', count: 55 }, { value: '00', count: 1 }, { value: '48', count: 1 }, 6],
      );
    });

    it('leave out documents that are gone or over', async () => {
      const { search, pass } = subject();
      const name = await indexOf(search, settings, { a: shop(1), b: shop(2), c: shop(3) });
      await search.change(name, [
        { kind: 'delete', id: 'a', version: 2 },
        { kind: 'put', id: 'b', version: 2, document: shop(2), ttlMs: 50 },
      ]);
      await search.refresh(name);
      await pass(60);
      assert.deepEqual(
        (await search.search(name, { facets: ['tags'] })).facets['tags'],
        plain([shop(3)], s => s.tags),
      );
    });

    it('are refused for texts, dates, places and fields that are not there', async () => {
      const { search } = subject();
      const name = await indexOf(search, settings, {});
      for (const field of ['name', 'opened', 'place', 'none'])
        await rejectsWith('invalid-input', search.search(name, { facets: [field] }));
    });
  });
}
