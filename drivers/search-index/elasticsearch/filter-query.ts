// Filters and orders as Elasticsearch asks them.
import type { estypes } from '@elastic/elasticsearch';
import { invalidSearch } from '../invalid.ts';
import type { Filter, Sort } from '../query.ts';
import { comparable, valueField } from '../text/fields.ts';
import type { ValueField } from '../text/plan.ts';
import { type ElasticsearchIndex, EXPIRES, GONE, ID, valuePath } from './mapping.ts';

type Query = estypes.QueryDslQueryContainer;

const MAX_PARTS = 256;

/** Matches documents that are neither deleted nor expired. */
export function isAlive(now: number): Query[] {
  return [{ exists: { field: GONE } }, { range: { [EXPIRES]: { lte: now } } }];
}

export function toFilterQuery(index: ElasticsearchIndex, filter: Filter): Query {
  let parts = 0;
  const convert = (filter: Filter): Query => {
    if (++parts > MAX_PARTS) throw invalidSearch(`The filter has more than ${MAX_PARTS} parts.`);
    if ('all' in filter) return { bool: { filter: filter.all.map(convert) } };
    if ('any' in filter)
      return filter.any.length === 0
        ? { match_none: {} }
        : { bool: { should: filter.any.map(convert), minimum_should_match: 1 } };
    if ('not' in filter) return { bool: { must_not: [convert(filter.not)] } };
    const field = valueField(index.plan, filter.field);
    return onField(`${index.root}.${valuePath(field)}`, field, filter);
  };
  return convert(filter);
}

function onField(
  path: string,
  field: ValueField,
  filter: Exclude<Filter, { all: unknown } | { any: unknown } | { not: unknown }>,
): Query {
  if ('exists' in filter) {
    const exists: Query = { exists: { field: path } };
    return filter.exists ? exists : { bool: { must_not: [exists] } };
  }
  if ('near' in filter) {
    if (field.type !== 'geo') throw invalidSearch(`'${field.name}' is no place; near is only for fields of type geo.`);
    const { lat, lon } = filter.near;
    return { geo_distance: { distance: `${filter.meters}m`, [path]: { lat, lon } } };
  }
  if (field.type === 'geo') throw invalidSearch(`'${field.name}' is a place; it is filtered by near.`);
  if ('startsWith' in filter) {
    if (field.type !== 'keyword') throw invalidSearch(`'${field.name}' is no keyword; startsWith is only for those.`);
    return { prefix: { [path]: { value: filter.startsWith } } };
  }
  const isKeyword = field.type === 'keyword';
  if ('in' in filter)
    return { terms: { [path]: filter.in.map(value => (isKeyword ? String(value) : comparable(field, value))) } };
  const bound = (value: (typeof filter)['from']) =>
    value === undefined ? undefined : isKeyword ? String(value) : comparable(field, value);
  const [from, to] = [bound(filter.from), bound(filter.to)];
  if (from === undefined && to === undefined) return { exists: { field: path } };
  return {
    range: { [path]: { ...(from === undefined ? {} : { gte: from }), ...(to === undefined ? {} : { lte: to }) } },
  };
}

/** By id in the end, so that pages do not overlap. */
export function toSortClause(
  index: ElasticsearchIndex,
  sort: readonly Sort[],
  byScore: boolean,
): estypes.SortCombinations[] {
  const given = sort.map((item): estypes.SortCombinations => {
    const field = valueField(index.plan, item.field);
    const path = `${index.root}.${valuePath(field)}`;
    if ('near' in item) {
      if (field.type !== 'geo')
        throw invalidSearch(`'${field.name}' is no place; near is only for fields of type geo.`);
      return { _geo_distance: { [path]: { lat: item.near.lat, lon: item.near.lon }, order: 'asc' } };
    }
    if (field.type === 'geo') throw invalidSearch(`'${field.name}' is a place; it is sorted by near.`);
    return { [path]: { order: item.order === 'descending' ? 'desc' : 'asc', missing: '_last' } };
  });
  return [...given, ...(byScore ? [{ _score: { order: 'desc' as const } }] : []), { [`${index.root}.${ID}`]: 'asc' }];
}
