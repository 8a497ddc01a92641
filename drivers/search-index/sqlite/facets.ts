// Counts the values that the documents of a query have in some fields, exactly or not at all.
import type { StatementSync } from 'node:sqlite';
import { TenfoldError } from '../../../core/errors.ts';
import { numberColumn, type SqlRow } from '../../sqlite/columns.ts';
import { FACET_VALUES } from '../query.ts';
import type { Facet } from '../search-index.ts';
import { facetField } from '../text/fields.ts';
import type { ValueField } from '../text/plan.ts';
import type { SqliteIndex } from './catalog.ts';
import type { Sql } from './filter.ts';

/** Documents that a query may match for its facets to be counted. */
export const MAX_FACETED = 50_000;

export type FoundFacets = readonly (readonly [field: string, facet: Facet])[];

/** `matched`: the ids of the documents, one more than `MAX_FACETED` at most; undefined: none. */
export function countFacets(
  { plan, tables }: SqliteIndex,
  names: readonly string[],
  matched: Sql | undefined,
  prepare: (sql: string) => StatementSync,
): FoundFacets {
  const fields = names.map(name => facetField(plan, name));
  if (fields.length === 0) return [];
  if (matched === undefined) return fields.map(({ name }) => [name, { values: [], others: 0 }]);
  const found = prepare(`SELECT count(*) AS count FROM (${matched.text})`).get(...matched.parameters) ?? {};
  if (numberColumn(found, 'count') > MAX_FACETED) {
    const message = `Facets are counted over up to ${MAX_FACETED} documents, and more match. Narrow the query by words or filters.`;
    throw new TenfoldError('query-too-large', message);
  }
  return fields.map(field => {
    const values =
      field.type === 'keyword'
        ? `SELECT value FROM ${tables.tags} WHERE field = ${field.number} AND doc IN (${matched.text})`
        : `SELECT ${field.columns[0]} AS value FROM ${tables.docs} WHERE value IS NOT NULL AND id IN (${matched.text})`;
    const sql = `SELECT value, count(*) AS count, sum(count(*)) OVER () AS total FROM (${values}) GROUP BY value ORDER BY count DESC, value LIMIT ${FACET_VALUES}`;
    return [field.name, toFacet(field, prepare(sql).all(...matched.parameters))];
  });
}

function toFacet({ type }: ValueField, rows: readonly SqlRow[]): Facet {
  const values = rows.map(row => ({ value: facetValue(type, row['value']), count: numberColumn(row, 'count') }));
  const shown = values.reduce((sum, { count }) => sum + count, 0);
  return { values, others: rows[0] ? numberColumn(rows[0], 'total') - shown : 0 };
}

function facetValue(type: ValueField['type'], value: unknown): string | number | boolean {
  if (type === 'keyword') return String(value);
  return type === 'boolean' ? Number(value) === 1 : Number(value);
}
