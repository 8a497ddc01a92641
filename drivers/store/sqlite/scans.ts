// Pages of rows in SQLite, by key or by an index.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { bytesColumn, numberColumn, type SqlRow, textColumn } from '../../sqlite/columns.ts';
import { MAX_PAGE_BYTES } from '../limits.ts';
import { type Range, toPosition } from '../scan-range.ts';
import type { Page, ScannedRow } from '../tables.ts';
import { toRow } from './rows.ts';

export interface RowRange {
  readonly scope: string;
  readonly table: string;
  readonly index: string | undefined;
  readonly range: Range;
}

interface ScanRequest extends RowRange {
  readonly reverse: boolean;
  readonly limit: number;
}

interface SetsRequest extends Pick<ScanRequest, 'table' | 'reverse' | 'limit'> {
  readonly index: string;
  /** No row is in two of them. */
  readonly sets: readonly Pick<RowRange, 'scope' | 'range'>[];
}

/**
 * Above every key, as UTF-8 has no such byte, and above every place, whose first byte says what
 * type the first value has.
 */
const NO_END = Buffer.of(0xff);
const ALIVE = '(r.expires IS NULL OR r.expires > ?)';

export interface Scanner {
  page(request: ScanRequest, now: number): Page;
  /** One page of all the sets. */
  merged(request: SetsRequest, now: number): Page;
  /** Undefined when there are more than `most`. */
  count(request: RowRange & { readonly most: number }, now: number): number | undefined;
}

const BY_KEY = `FROM store_row r WHERE scope = ? AND tbl = ? AND key >= CAST(? AS TEXT) AND key < CAST(? AS TEXT) AND ${ALIVE}`;
const BY_PLACE = `FROM store_place p JOIN store_row r ON r.id = p.row
       WHERE p.scope = ? AND p.tbl = ? AND idx = ? AND place >= ? AND place < ? AND ${ALIVE}`;

/**
 * It merges the places of so many sets, each in the order of the index, and reads the rows of the
 * merged page alone, one by one.
 */
function mergedPlaces(sets: number, order: string): string {
  const places = Array.from({ length: sets }, () => `SELECT place, p.row AS id ${BY_PLACE}`).join(' UNION ALL ');
  return `SELECT r.scope, r.key, r.value, r.version, r.crc, m.place
       FROM (${places} ORDER BY place ${order} LIMIT ? + 0) m CROSS JOIN store_row r ON r.id = m.id ORDER BY m.place ${order}`;
}

export function openScanner(db: DatabaseSync): Scanner {
  const byKey = (order: string) =>
    db.prepare(`SELECT key, value, version, crc ${BY_KEY} ORDER BY key ${order} LIMIT ? + 0`);
  const byPlace = (order: string) =>
    db.prepare(`SELECT key, value, version, crc, place ${BY_PLACE} ORDER BY place ${order} LIMIT ? + 0`);
  const keys = { forward: byKey('ASC'), back: byKey('DESC') };
  const places = { forward: byPlace('ASC'), back: byPlace('DESC') };
  const merged = { forward: new Map<number, StatementSync>(), back: new Map<number, StatementSync>() };
  const mergedOf = (sets: number, direction: keyof typeof merged) => {
    const known = merged[direction].get(sets);
    if (known) return known;
    const statement = db.prepare(mergedPlaces(sets, direction === 'back' ? 'DESC' : 'ASC'));
    merged[direction].set(sets, statement);
    return statement;
  };
  const counted = (rows: string) => db.prepare(`SELECT count(*) AS count FROM (SELECT 1 ${rows} LIMIT ? + 0)`);
  const [countKeys, countPlaces] = [counted(BY_KEY), counted(BY_PLACE)];

  // One more than asked for tells whether there are more.
  return {
    page({ scope, table, index, range, reverse, limit }, now) {
      const direction = reverse ? 'back' : 'forward';
      const bounds = [range.lower, range.upper ?? NO_END, now, limit + 1] as const;
      return index === undefined
        ? readPage(keys[direction], [scope, table, ...bounds], () => scope, table, limit)
        : readPage(places[direction], [scope, table, index, ...bounds], () => scope, table, limit);
    },
    merged({ table, index, sets, reverse, limit }, now) {
      const bounds = sets.flatMap(({ scope, range: { lower, upper = NO_END } }) => [
        ...[scope, table, index, lower, upper, now],
      ]);
      const statement = mergedOf(sets.length, reverse ? 'back' : 'forward');
      return readPage(statement, [...bounds, limit + 1], row => textColumn(row, 'scope'), table, limit);
    },
    count({ scope, table, index, range, most }, now) {
      const bounds = [range.lower, range.upper ?? NO_END, now, most + 1] as const;
      const found =
        index === undefined ? countKeys.get(scope, table, ...bounds) : countPlaces.get(scope, table, index, ...bounds);
      const count = numberColumn(found ?? {}, 'count');
      return count > most ? undefined : count;
    },
  };
}

function readPage(
  statement: StatementSync,
  parameters: readonly (string | number | Uint8Array)[],
  scopeOf: (row: SqlRow) => string,
  table: string,
  limit: number,
): Page {
  const rows: ScannedRow[] = [];
  let bytes = 0;
  for (const found of statement.iterate(...parameters)) {
    if (rows.length === limit || bytes >= MAX_PAGE_BYTES) return { rows, next: rows.at(-1)?.position };
    const row = toRow(scopeOf(found), table, found);
    const place = 'place' in found ? bytesColumn(found, 'place') : Buffer.from(textColumn(found, 'key'));
    rows.push({ ...row, position: toPosition(place) });
    bytes += row.value.byteLength;
  }
  return { rows, next: undefined };
}
