// Answers questions: the page of documents that a query finds, and words that
// what was typed may become.
import type { estypes } from '@elastic/elasticsearch';
import { TenfoldError } from '../../../core/errors.ts';
import type { ServedClock } from '../../served-clock.ts';
import { type CheckedQuery, MAX_WINDOW } from '../query.ts';
import type { Hit, SearchAnswer } from '../search-index.ts';
import { wordsOf } from '../text/analyze.ts';
import { fromPageCursor, toPageCursor } from '../text/cursor.ts';
import { editDistance, typosIn } from '../text/edit-distance.ts';
import { textField, textFields } from '../text/fields.ts';
import { highlight } from '../text/highlight.ts';
import type { TextField } from '../text/plan.ts';
import { type FacetAggregate, fromAggregations, toAggregations } from './facets.ts';
import { isAlive, toFilterQuery, toSortClause } from './filter-query.ts';
import type { Ask } from './link.ts';
import { DOCUMENT, type ElasticsearchIndex, ID, vocabularyOf } from './mapping.ts';
import { toTextQuery } from './text-query.ts';

const NOTHING = { hits: [], total: { count: 0, isExact: true }, next: undefined };

export interface Asking {
  readonly clock: ServedClock;
  readonly ask: Ask;
  /** The name to query: an index or an alias of it. */
  readonly name: string;
}

interface Stored {
  readonly [DOCUMENT]?: unknown;
}

export async function search(
  { clock, ask, name }: Asking,
  index: ElasticsearchIndex,
  query: CheckedQuery,
): Promise<SearchAnswer> {
  const offset = query.after === undefined ? 0 : fromPageCursor(query.after);
  const limit = Math.min(query.limit, MAX_WINDOW - offset);
  const shown = query.highlight.map(name => textField(index.plan, name));
  const { query: text, meant } = toTextQuery(index, query, textFields(index.plan, query.fields));
  const filter = query.filter ? [toFilterQuery(index, query.filter)] : [];
  const byScore = query.sort.length === 0 && text !== undefined;
  const sort = toSortClause(index, query.sort, byScore);
  if (text === undefined && query.text.trim() !== '')
    return { ...NOTHING, facets: fromAggregations(index, query.facets, undefined) };
  const words = text === undefined ? [] : [text];
  const body: estypes.SearchRequest = {
    index: name,
    allow_partial_search_results: false,
    from: offset,
    size: limit,
    version: true,
    _source: [DOCUMENT],
    track_total_hits: MAX_WINDOW,
    sort,
    aggs: toAggregations(index, query.facets),
    query: {
      bool: {
        ...(byScore ? { must: words, filter } : { filter: [...words, ...filter] }),
        must_not: isAlive(await clock.now()),
      },
    },
  };
  const { hits, aggregations } = await ask(0, (client, options) =>
    client.search<Stored, Record<string, FacetAggregate>>(body, options),
  );
  const found = hits.hits.map((hit): Hit => {
    const document = hit._source?.[DOCUMENT];
    const highlights = highlight(document, shown, meant).map(({ field, fragments }) => [field, fragments] as const);
    return {
      id: hit._id ?? '',
      version: hit._version ?? 0,
      score: hit._score ?? 0,
      document,
      highlights: Object.fromEntries(highlights),
    };
  });
  const total = totalOf(hits.total);
  const end = offset + found.length;
  const hasMore = found.length === limit && end < MAX_WINDOW && (end < total.count || !total.isExact);
  const facets = fromAggregations(index, query.facets, aggregations);
  return { hits: found, total, next: hasMore ? toPageCursor(end) : undefined, facets };
}

function totalOf(total: estypes.SearchTotalHits | number | undefined): SearchAnswer['total'] {
  if (typeof total === 'number') return { count: total, isExact: true };
  if (total === undefined) throw new TenfoldError('store-unavailable', 'Elasticsearch has not counted what it found.');
  return { count: total.value, isExact: total.relation === 'eq' };
}

export async function requestSuggestions(
  asking: Asking,
  index: ElasticsearchIndex,
  field: TextField,
  text: string,
  limit: number,
): Promise<string[]> {
  const last = [...wordsOf(text)].at(-1);
  if (!last || !field.settings.suggest) return [];
  const completed = await wordsWith(asking, index, field, `${last.word}.*`, { prefix: last.word }, limit);
  const words = completed.length > 0 ? completed : await corrected(asking, index, field, last.word, limit);
  return words.map(word => text.slice(0, last.start) + word);
}

/**
 * Words of the field with the documents that have them, most frequent first. `include`: a regular
 * expression, or the words themselves.
 */
async function wordsWith(
  { clock, ask, name }: Asking,
  { root }: ElasticsearchIndex,
  { number }: TextField,
  include: string | string[],
  has: { readonly prefix: string } | { readonly terms: string[] },
  limit: number,
): Promise<string[]> {
  const path = `${root}.${vocabularyOf(number)}`;
  const filter = 'prefix' in has ? { prefix: { [path]: { value: has.prefix } } } : { terms: { [path]: has.terms } };
  const body: estypes.SearchRequest = {
    index: name,
    allow_partial_search_results: false,
    size: 0,
    // Not for its order: an index with other settings refuses it.
    sort: [{ [`${root}.${ID}`]: 'asc' }],
    query: { bool: { filter: [filter], must_not: isAlive(await clock.now()) } },
    aggs: {
      words: { terms: { field: path, include, size: limit, order: [{ _count: 'desc' }, { _key: 'asc' }] } },
    },
  };
  const { aggregations } = await ask(0, (client, options) =>
    client.search<unknown, { words?: estypes.AggregationsStringTermsAggregate }>(body, options),
  );
  const buckets = aggregations?.words?.buckets ?? [];
  return (Array.isArray(buckets) ? buckets : Object.values(buckets)).map(({ key }) => String(key));
}

async function corrected(
  asking: Asking,
  index: ElasticsearchIndex,
  field: TextField,
  word: string,
  limit: number,
): Promise<string[]> {
  const typos = typosIn(word);
  if (!field.settings.fuzzy || typos === 0) return [];
  const body: estypes.SearchRequest = {
    index: asking.name,
    allow_partial_search_results: false,
    size: 0,
    suggest: {
      like: {
        text: word,
        term: {
          field: `${index.root}.${field.words}`,
          suggest_mode: 'always',
          max_edits: typos,
          prefix_length: 0,
          min_word_length: 3,
          size: limit * 2,
        },
      },
    },
  };
  const answer = await asking.ask(0, (client, options) => client.search(body, options));
  const like = (answer.suggest?.['like'] ?? []).flatMap(({ options }) => options);
  const similar = like.flatMap(({ text }) => {
    const distance = editDistance(word, text, typos);
    return distance === undefined ? [] : [{ text, distance }];
  });
  if (similar.length === 0) return [];
  const terms = similar.map(({ text }) => text);
  // Words of documents that have been deleted are still known for a while.
  const there = await wordsWith(asking, index, field, terms, { terms }, terms.length);
  const distanceOf = (word: string) => similar.find(({ text }) => text === word)?.distance ?? 0;
  return there.sort((a, b) => distanceOf(a) - distanceOf(b)).slice(0, limit);
}
