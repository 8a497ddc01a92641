// Finds sections of the documentation by words, in the browser: beginnings of words and words with
// a slip count, too.
import MiniSearch from 'minisearch';
import type { FoundText } from '../../admin/docs/site.ts';

export interface FoundSection {
  readonly address: string;
  readonly page: string;
  readonly heading: string;
  /** Some words around the first that was meant. */
  readonly around: string;
}

export interface SearchIndex {
  /** The best first, and how many there are in all. */
  find(words: string, most: number): { readonly found: readonly FoundSection[]; readonly all: number };
}

const AROUND = 160;
const BEFORE = 40;

export function createIndex(texts: readonly FoundText[]): SearchIndex {
  const index = new MiniSearch<{ readonly id: number }>({
    fields: ['page', 'heading', 'text'],
    extractField: ({ id }, field) => {
      const [, page, heading, text] = texts[id] ?? ['', '', '', ''];
      return { id: String(id), page, heading, text }[field] ?? '';
    },
    searchOptions: {
      boost: { heading: 4, page: 2 },
      prefix: term => term.length > 2,
      fuzzy: term => (term.length > 4 ? 0.2 : false),
    },
  });
  index.addAll(texts.map((_, id) => ({ id })));
  return {
    find(words, most) {
      const every = index.search(words, { combineWith: 'AND' });
      const hits = every.length > 0 ? every : index.search(words);
      const found = hits.slice(0, most).map(({ id, terms }) => {
        const [address, page, heading, text] = texts[Number(id)] ?? ['', '', '', ''];
        return { address, page, heading, around: around(text, terms) };
      });
      return { found, all: hits.length };
    },
  };
}

function around(text: string, terms: readonly string[]): string {
  const plain = text.replace(/\s+/g, ' ');
  const places = terms.map(term => plain.toLowerCase().indexOf(term)).filter(at => at >= 0);
  const first = places.length === 0 ? 0 : Math.min(...places);
  const from = first <= BEFORE ? 0 : plain.indexOf(' ', first - BEFORE) + 1;
  const part = plain.slice(from, from + AROUND);
  return `${from > 0 ? '… ' : ''}${part}${from + AROUND < plain.length ? ' …' : ''}`;
}
