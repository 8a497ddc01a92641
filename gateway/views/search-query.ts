// A query to a View that is searched: words, filters, order, or suggestions for a word.
import type { SearchQuery, Sort, SuggestQuery } from '../../drivers/search-index/query.ts';
import type { Resource } from '../../resources/resource.ts';
import { badQuery, filled, noCursor, readLimit } from './query-params.ts';
import { type Fields, namesOf, readFilters, readPlace, searchFieldOf } from './search-filters.ts';

export type SearchQuestion =
  | { readonly kind: 'document'; readonly key: string }
  | { readonly kind: 'search'; readonly query: SearchQuery }
  | { readonly kind: 'suggest'; readonly query: SuggestQuery };

type Spec = Resource<'View'>['spec'];

/** Names of the parameters. */
export const SEARCH = [
  'q',
  'in',
  'words',
  'unfinished',
  'filter',
  'sort',
  'highlight',
  'facets',
  'limit',
  'after',
  'suggest',
  'key',
];
/** Hits that the index gives at once. */
const MOST_HITS = 1000;
const MOST_SUGGESTIONS = 100;
const MAX_SUGGESTED_TEXT = 256;
const MAX_SORTS = 4;
const MAX_FACETS = 8;
const FACETED = ['keyword', 'number', 'boolean'] as const;
/** Parameters that mean nothing where no words are searched for. */
const ABOUT_WORDS = ['in', 'words', 'unfinished', 'highlight'];

export function askSearch(spec: Spec, params: URLSearchParams, after: string | undefined): SearchQuestion {
  const fields = spec.search?.fields ?? {};
  const most = Math.min(spec.query.maxLimit, MOST_HITS);
  if (params.has('key')) {
    alone(params, 'key', ['fields']);
    noCursor(after);
    return { kind: 'document', key: filled('key', params.get('key') ?? '') };
  }
  if (params.has('suggest')) return askSuggest(fields, params, after, Math.min(most, MOST_SUGGESTIONS));
  if (!['q', 'filter', 'sort', 'facets'].some(name => params.has(name))) {
    throw badQuery('A View that is searched is asked for ?q=…, ?filter=…, ?facets=…, ?suggest=… or ?key=….');
  }
  for (const name of ABOUT_WORDS) {
    if (params.has(name) && !params.has('q'))
      throw badQuery(`"${name}" goes with "q": it says how its words are found.`);
  }
  return {
    kind: 'search',
    query: {
      text: params.get('q') ?? '',
      fields: params.has('in') ? readTexts('in', params, fields) : undefined,
      words: either('words', params.get('words') ?? 'all', 'all', 'any') ? 'all' : 'any',
      unfinished: either('unfinished', params.get('unfinished') ?? 'false', 'true', 'false'),
      filter: readFilters(params.getAll('filter'), fields),
      sort: readSorts(params.getAll('sort'), fields),
      highlight: params.has('highlight') ? readTexts('highlight', params, fields) : [],
      ...(params.has('facets') && { facets: readFacets(params.get('facets') ?? '', fields) }),
      limit: readLimit('limit', params.get('limit'), most),
      after,
    },
  };
}

/**
 * `?suggest=esp`: of the field that suggestions are kept for; with several of them `in` says which.
 */
function askSuggest(fields: Fields, params: URLSearchParams, after: string | undefined, most: number): SearchQuestion {
  alone(params, 'suggest', ['in', 'limit']);
  noCursor(after);
  const text = filled('suggest', params.get('suggest') ?? '');
  if (text.length > MAX_SUGGESTED_TEXT) throw badQuery(`"suggest" has more than ${MAX_SUGGESTED_TEXT} characters.`);
  const suggesting = Object.keys(fields).filter(name => fields[name]?.suggest);
  const asked = params.get('in') ?? (suggesting.length === 1 ? suggesting[0] : undefined);
  if (asked === undefined || !suggesting.includes(asked)) {
    throw badQuery(
      suggesting.length === 0
        ? 'This View suggests nothing.'
        : `"in" is one of ${suggesting.join(', ')}, for suggestions.`,
    );
  }
  return { kind: 'suggest', query: { text, field: asked, limit: readLimit('limit', params.get('limit'), most) } };
}

function readTexts(name: string, params: URLSearchParams, fields: Fields): string[] {
  const there = namesOf(fields, 'text');
  const asked = [...new Set((params.get(name) ?? '').split(','))];
  for (const field of asked) {
    if (!there.includes(field)) throw badQuery(`"${name}" has names of text fields: ${there.join(', ')}.`);
  }
  return asked;
}

/** `?facets=author,isNew`: the fields of which values are counted. */
function readFacets(text: string, fields: Fields): string[] {
  const there = FACETED.flatMap(type => namesOf(fields, type));
  const asked = text.split(',');
  if (asked.length > MAX_FACETS) throw badQuery(`"facets" has ${asked.length} fields, and ${MAX_FACETS} are allowed.`);
  if (new Set(asked).size < asked.length) throw badQuery('"facets" has a field twice.');
  for (const field of asked) {
    if (there.includes(field)) continue;
    const names = there.length === 0 ? 'and this View has none' : `such as ${there.join(', ')}`;
    throw badQuery(`"facets" has names of fields of type ${FACETED.join(', ')}, ${names}.`);
  }
  return asked;
}

/** `?sort=-likes,createdAt`, and `?sort=place:52.52,13.40` for the nearest first. */
function readSorts(texts: readonly string[], fields: Fields): Sort[] {
  const sorts = texts.flatMap((text): Sort[] => {
    const colon = text.indexOf(':');
    if (colon !== -1) {
      const name = text.slice(0, colon);
      if (searchFieldOf(name, fields).type !== 'geo') throw badQuery(`"sort" by "${name}" needs no place.`);
      return [{ field: name, near: readPlace(text.slice(colon + 1)) }];
    }
    return text.split(',').map(item => {
      const name = item.replace(/^-/, '');
      const { type } = searchFieldOf(name, fields);
      if (type === 'text') throw badQuery(`"${name}" is text, which is searched and not sorted by.`);
      if (type === 'geo')
        throw badQuery(`"${name}" is a place: sort=${name}:latitude,longitude puts the nearest first.`);
      return { field: name, order: name === item ? 'ascending' : 'descending' };
    });
  });
  if (sorts.length > MAX_SORTS) throw badQuery(`"sort" has at most ${MAX_SORTS} fields.`);
  const names = new Set(sorts.map(({ field }) => field));
  if (names.size < sorts.length) throw badQuery('"sort" has a field twice.');
  return sorts;
}

/** Whether it is the one, and not the other. */
function either(name: string, text: string, one: string, other: string): boolean {
  if (text === one || text === other) return text === one;
  throw badQuery(`"${name}" is ${one} or ${other}.`);
}

function alone(params: URLSearchParams, name: string, along: readonly string[]): void {
  for (const other of params.keys()) {
    if (other === name || other === 'after' || along.includes(other)) continue;
    throw badQuery(`"${other}" does not go with "${name}".`);
  }
}
