// Answers a query: finds the page of documents, best first or in an order, and counts
// as far as that stays quick.
import type { StatementSync } from 'node:sqlite';
import { numberColumn } from '../../sqlite/columns.ts';
import { type CheckedQuery, MAX_WINDOW } from '../query.ts';
import type { Fragment } from '../search-index.ts';
import { fromPageCursor, toPageCursor } from '../text/cursor.ts';
import { textField, textFields } from '../text/fields.ts';
import { highlight } from '../text/highlight.ts';
import type { SqliteIndex } from './catalog.ts';
import { intactDocument } from './documents.ts';
import { countFacets, type FoundFacets, MAX_FACETED } from './facets.ts';
import { type Sql, toCondition, toOrderBy } from './filter.ts';
import { toMatch } from './match.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface FoundDocument {
  readonly id: string;
  readonly version: number;
  readonly score: number;
  readonly document: string;
  readonly highlights: readonly { readonly field: string; readonly fragments: readonly Fragment[] }[];
}

export interface Found {
  readonly documents: readonly FoundDocument[];
  readonly total: number;
  readonly isExact: boolean;
  readonly next: string | undefined;
  readonly facets: FoundFacets;
}

interface Place {
  readonly id: number;
  readonly score: number;
}

/**
 * When more documents match, only the newest are ranked: words that are in so
 * many documents say little.
 */
const MAX_RANKED = 5_000;
/** As meant, with typos, by sound: each has scores of its own, above those of the next. */
const TIERS = 3;
/** When more documents match, only the newest are put in order. */
const MAX_SORTED = 50_000;

export interface Searcher {
  search(index: SqliteIndex, vocabulary: Vocabulary, query: CheckedQuery, now: number): Found;
}

export function openSearcher(prepare: (sql: string) => StatementSync): Searcher {
  return {
    search(index, vocabulary, query, now) {
      const fields = textFields(index.plan, query.fields);
      const offset = query.after === undefined ? 0 : fromPageCursor(query.after);
      const limit = Math.min(query.limit, MAX_WINDOW - offset);
      const match = toMatch(index.plan, query, fields, vocabulary);
      const finder = openFinder(index, query, prepare, now);
      const { places, total, isExact } = finder.page(match.tiers, offset, limit);
      const read = prepare(`SELECT key, version, crc, document FROM ${index.tables.docs} WHERE id = ?`);
      const shown = query.highlight.map(name => textField(index.plan, name));
      const documents = places.flatMap(({ id, score }): FoundDocument[] => {
        const row = read.get(id);
        if (!row) return [];
        const document = intactDocument(row);
        const highlights = shown.length === 0 ? [] : highlight(JSON.parse(document), shown, match);
        return [{ id: String(row['key']), version: numberColumn(row, 'version'), score, document, highlights }];
      });
      const end = offset + places.length;
      const hasMore = places.length === limit && end < MAX_WINDOW && (end < total || !isExact);
      const matched = query.facets.length === 0 ? undefined : finder.matched(match.tiers);
      const facets = countFacets(index, query.facets, matched, prepare);
      return { documents, total, isExact, next: hasMore ? toPageCursor(end) : undefined, facets };
    },
  };
}

interface Page {
  readonly places: readonly Place[];
  readonly total: number;
  readonly isExact: boolean;
}

function openFinder(
  { tables, plan }: SqliteIndex,
  query: CheckedQuery,
  prepare: (sql: string) => StatementSync,
  now: number,
) {
  const index = { id: 0, tables, plan };
  const filter: Sql = query.filter ? toCondition(index, query.filter) : { text: '1', parameters: [] };
  const alive: Sql = {
    text: `d.deleted IS NULL AND (d.expires IS NULL OR d.expires > ?) AND ${filter.text}`,
    parameters: [now, ...filter.parameters],
  };
  const order = query.sort.length > 0 ? toOrderBy(index, query.sort) : undefined;
  const weights = plan.columns.map(({ weight }) => weight).join(', ');

  const run = (sql: string, parameters: readonly (string | number)[], cap: number): Page => {
    const rows = prepare(sql).all(...parameters);
    const total = rows[0] ? numberColumn(rows[0], 'total') : 0;
    return {
      places: rows.map(row => ({ id: numberColumn(row, 'id'), score: numberColumn(row, 'score') })),
      total,
      isExact: total < cap,
    };
  };
  // Deleted documents are not in the full-text table; so without a filter, and where none
  // expires, it alone answers.
  const isPlain = !query.filter && !prepare(`SELECT 1 FROM ${tables.docs} WHERE expires IS NOT NULL LIMIT 1`).get();
  const condition: Sql = isPlain ? { text: '1', parameters: [] } : alive;
  /** The full-text table leads, so that what it finds is looked up, not the other way round. */
  const matching = (select: string, cap: number, join = !isPlain) =>
    `SELECT ${select} FROM ${tables.words} w ${join ? `CROSS JOIN ${tables.docs} d ON d.id = w.rowid` : ''}
     WHERE ${tables.words} MATCH ? AND ${condition.text} ORDER BY w.rowid DESC LIMIT ${cap}`;
  const ranked = (match: string, offset: number, limit: number) =>
    run(
      `SELECT id, -bm AS score, count(*) OVER () AS total
       FROM (${matching(`w.rowid AS id, bm25(${tables.words}, ${weights}) AS bm`, MAX_RANKED)}) ORDER BY bm, id DESC LIMIT ? + 0 OFFSET ?`,
      [match, ...condition.parameters, limit, offset],
      MAX_RANKED,
    );
  const countOf = (match: string) =>
    numberColumn(
      prepare(`SELECT count(*) AS n FROM (${matching('1', MAX_RANKED)})`).get(match, ...condition.parameters) ?? {},
      'n',
    );

  const matched = (tiers: readonly string[]): Sql | undefined => {
    const all = tiers.at(-1);
    if (all !== undefined) {
      return { text: matching('w.rowid', MAX_FACETED + 1), parameters: [all, ...condition.parameters] };
    }
    if (query.text.trim() !== '') return undefined;
    const text = `SELECT d.id FROM ${tables.docs} d WHERE ${alive.text} LIMIT ${MAX_FACETED + 1}`;
    return { text, parameters: alive.parameters };
  };
  const page = (tiers: readonly string[], offset: number, limit: number): Page => {
    const all = tiers.at(-1);
    if (all === undefined && query.text.trim() !== '') return { places: [], total: 0, isExact: true };
    if (all === undefined) {
      const sql = `SELECT d.id AS id, 0 AS score, count(*) OVER () AS total FROM
        (SELECT * FROM ${tables.docs} d WHERE ${alive.text} LIMIT ${MAX_SORTED}) d ORDER BY ${order ? `${order.text}, ` : ''}key LIMIT ? + 0 OFFSET ?`;
      return run(sql, [...alive.parameters, ...(order?.parameters ?? []), limit, offset], MAX_SORTED);
    }
    if (order) {
      const sql = `SELECT d.id AS id, 0 AS score, count(*) OVER () AS total FROM (${matching('d.*', MAX_SORTED, true)}) d ORDER BY ${order.text}, key LIMIT ? + 0 OFFSET ?`;
      return run(sql, [all, ...condition.parameters, ...order.parameters, limit, offset], MAX_SORTED);
    }
    const places: Place[] = [];
    let total = 0;
    for (const [number, tier] of tiers.entries()) {
      // Documents that only resemble the words stand behind those that have them, and documents
      // that only sound like them behind both.
      const match = number === 0 ? tier : `(${tier}) NOT (${tiers[number - 1]})`;
      const left = limit - places.length;
      const page = ranked(match, Math.max(0, offset - total), Math.max(1, left));
      const counted = page.places.length > 0 ? page.total : countOf(match);
      const base = TIERS - number;
      for (const { id, score } of page.places.slice(0, left)) places.push({ id, score: base + score / (1 + score) });
      total += counted;
      if (counted >= MAX_RANKED) return { places, total, isExact: false };
    }
    return { places, total, isExact: true };
  };
  return { page, matched };
}
