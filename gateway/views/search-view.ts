// Answers queries to a View that is searched: the hits as JSON text, with the places that matched.
import { TenfoldError } from '../../core/errors.ts';
import type { Fragment, Hit, SearchAnswer, SearchIndex } from '../../drivers/search-index/search-index.ts';
import { createFieldChooser } from './chosen-fields.ts';
import type { SearchQuestion } from './search-query.ts';

/** The part of the search index by which a View is read. */
export type ViewSearch = Pick<SearchIndex, 'search' | 'suggest' | 'document' | 'refresh'>;

export async function searchView(
  search: ViewSearch | undefined,
  index: string,
  question: SearchQuestion & { readonly fields?: readonly string[] },
): Promise<string> {
  if (search === undefined) throw new TenfoldError('unsupported', 'This process has no search index.');
  const choose = createFieldChooser(question.fields);
  switch (question.kind) {
    case 'document': {
      const found = await there(search.document(index, question.key));
      if (found) return JSON.stringify(choose(found.document));
      throw new TenfoldError('not-found', 'The View has no document with this key.');
    }
    case 'suggest':
      return JSON.stringify({ items: await there(search.suggest(index, question.query)) });
    case 'search':
      return toHitsText(await there(search.search(index, question.query)), choose);
  }
}

/** A deleted index is no answer to the query: workers notice it, and build the View anew. */
async function there<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof TenfoldError && cause.code === 'not-found')) throw cause;
    const message = 'The search index of the View is gone. It is being built anew; ask again when it is there.';
    throw new TenfoldError('not-ready', message, { retryAfterSeconds: 5, cause, reason: 'view.building' });
  }
}

type Choose = (value: unknown) => unknown;

function toHitsText({ hits, total, next, facets }: SearchAnswer, choose: Choose): string {
  const items = hits.map(hit => toItem(hit, choose));
  const shown = Object.keys(facets).length === 0 ? undefined : facets;
  return JSON.stringify({ items, total: { count: total.count, exact: total.isExact }, facets: shown, next });
}

function toItem({ id, score, document, highlights }: Hit, choose: Choose) {
  const shown = Object.entries(highlights).map(([field, fragments]) => [field, fragments.map(toParts)]);
  return {
    id,
    score,
    value: choose(document),
    ...(shown.length === 0 ? {} : { highlights: Object.fromEntries(shown) }),
  };
}

function toParts(fragment: Fragment) {
  return fragment.map(({ text, isMatch }) => (isMatch ? { text, match: true } : { text }));
}
