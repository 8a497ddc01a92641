// Counts the values of fields by aggregations, and takes their answers where they are exact.
import type { estypes } from '@elastic/elasticsearch';
import { TenfoldError } from '../../../core/errors.ts';
import { FACET_VALUES } from '../query.ts';
import type { Facet, SearchAnswer } from '../search-index.ts';
import { facetField } from '../text/fields.ts';
import { type ElasticsearchIndex, valuePath } from './mapping.ts';

/** Values of which each shard tells the counts, so that those of several can be exact. */
const SHARD_VALUES = 10_000;

export type FacetAggregate = estypes.AggregationsStringTermsAggregate | estypes.AggregationsDoubleTermsAggregate;
type Facets = SearchAnswer['facets'];

export function toAggregations(
  { plan, root }: ElasticsearchIndex,
  names: readonly string[],
): Record<string, estypes.AggregationsAggregationContainer> {
  const entries = names.map(name => {
    const field = `${root}.${valuePath(facetField(plan, name))}`;
    const order: estypes.AggregationsAggregateOrder = [{ _count: 'desc' }, { _key: 'asc' }];
    return [name, { terms: { field, size: FACET_VALUES, shard_size: SHARD_VALUES, order } }] as const;
  });
  return Object.fromEntries(entries);
}

export function fromAggregations(
  { plan }: ElasticsearchIndex,
  names: readonly string[],
  aggregations: Readonly<Record<string, FacetAggregate>> | undefined,
): Facets {
  return Object.fromEntries(
    names.map(name => [name, toFacet(name, facetField(plan, name).type, aggregations?.[name])] as const),
  );
}

function toFacet(name: string, type: string, aggregate: FacetAggregate | undefined): Facet {
  if (aggregate === undefined) return { values: [], others: 0 };
  if ((aggregate.doc_count_error_upper_bound ?? 0) > 0) {
    const message = `The values of '${name}' are too many to be counted exactly over several shards. Narrow the query by words or filters.`;
    throw new TenfoldError('query-too-large', message);
  }
  const { buckets } = aggregate;
  const list: readonly { readonly key: unknown; readonly doc_count: number }[] = Array.isArray(buckets)
    ? buckets
    : Object.values(buckets);
  const values = list.map(({ key, doc_count: count }) => ({ value: facetValue(type, key), count }));
  return { values, others: aggregate.sum_other_doc_count ?? 0 };
}

function facetValue(type: string, key: unknown): string | number | boolean {
  if (type === 'keyword') return String(key);
  return type === 'boolean' ? Number(key) === 1 : Number(key);
}
