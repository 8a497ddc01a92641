// Words with typos: the distance is what it says, and every word within it is found.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { indexSettings } from '../../../../drivers/search-index/settings.ts';
import { createTables, tablesOf } from '../../../../drivers/search-index/sqlite/schema.ts';
import { openVocabulary, openVocabularyWriter } from '../../../../drivers/search-index/sqlite/vocabulary.ts';
import { fold, wordsOf } from '../../../../drivers/search-index/text/analyze.ts';
import { editDistance, typosIn } from '../../../../drivers/search-index/text/edit-distance.ts';
import { planOf } from '../../../../drivers/search-index/text/plan.ts';

const letters = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '1'), minLength, maxLength });

/** By the definition, without a bound. */
function slowDistance(a: string, b: string): number {
  const memo = new Map<string, number>();
  const go = (i: number, j: number): number => {
    if (i === 0 || j === 0) return i + j;
    const key = `${i},${j}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const options = [go(i - 1, j) + 1, go(i, j - 1) + 1, go(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)];
    if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) options.push(go(i - 2, j - 2) + 1);
    const least = Math.min(...options);
    memo.set(key, least);
    return least;
  };
  return go(a.length, b.length);
}

describe('words with typos', () => {
  it('are as far apart as the definition says, up to the bound', () => {
    fc.assert(
      fc.property(letters(0, 9), letters(0, 9), fc.nat(3), (a, b, max) => {
        const distance = slowDistance(a, b);
        assert.equal(editDistance(a, b, max), distance <= max ? distance : undefined);
      }),
      { numRuns: 5000 },
    );
  });

  it('are all found that are within the distance allowed, closest first, and forgotten with their last document', () => {
    const plan = planOf(indexSettings.parse({ fields: { t: { type: 'text', fuzzy: true } } }));
    const [field] = plan.texts;
    assert.ok(field);
    const word = letters(3, 10);
    fc.assert(
      fc.property(fc.uniqueArray(word, { maxLength: 60 }), letters(4, 10), (terms, asked) => {
        const db = new DatabaseSync(':memory:');
        db.exec(createTables(tablesOf(1), plan));
        const writer = openVocabularyWriter(db, tablesOf(1));
        const vocabulary = openVocabulary(db, tablesOf(1));
        writer.change(field, new Set(), new Set(terms));
        writer.flush();
        const found = vocabulary.similar(asked, 1000);
        const expected = terms.filter(term => term !== asked && slowDistance(term, asked) <= typosIn(asked));
        assert.deepEqual([...found].sort(), expected.sort());
        const distances = found.map(term => slowDistance(term, asked));
        assert.deepEqual([...distances].sort(), distances);
        writer.change(field, new Set(terms), new Set());
        writer.flush();
        for (const table of [tablesOf(1).terms, tablesOf(1).grams])
          assert.equal(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'], 0);
        db.close();
      }),
      { numRuns: 150 },
    );
  });

  const folded: [string, string][] = [
    ['Café', 'cafe'],
    ['ÅNGSTRÖM', 'angstrom'],
    ['Straße', 'strasse'],
    ['Łódź', 'lodz'],
    ['don’t', 'dont'],
    ['ﬁne', 'fine'],
    ['Ⅷ', 'viii'],
    ['İstanbul', 'istanbul'],
    ['Ελλάδα', 'ελλαδα'],
  ];
  for (const [text, expected] of folded)
    it(`are folded: ${text} to ${expected}`, () => assert.equal(fold(text), expected));

  it('are taken from any text as letters and digits only, at the places where they stand', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), text => {
        let last = 0;
        for (const { word, start, end } of wordsOf(text)) {
          assert.match(word, /^[\p{L}\p{N}]+$/u);
          assert.ok(start >= last && end > start && end <= text.length);
          last = end;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
