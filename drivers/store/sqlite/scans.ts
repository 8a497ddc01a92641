// Pages of rows in SQLite, by key or by an index.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { bytesColumn, textColumn } from '../../sqlite/columns.ts';
import { MAX_PAGE_BYTES } from '../limits.ts';
import { type Range, toPosition } from '../scan-range.ts';
import type { Page, ScannedRow } from '../tables.ts';
import { toRow } from './rows.ts';

export interface ScanRequest {
  readonly scope: string;
  readonly table: string;
  readonly index: string | undefined;
  readonly range: Range;
  readonly reverse: boolean;
  readonly limit: number;
}

/**
 * Above every key, as UTF-8 has no such byte, and above every place, whose first byte says what
 * type the first value has.
 */
const NO_END = Buffer.of(0xff);
const ALIVE = '(r.expires IS NULL OR r.expires > ?)';

export function openScanner(db: DatabaseSync): (request: ScanRequest, now: number) => Page {
  const byKey = (order: string) =>
    db.prepare(
      `SELECT key, value, version, crc FROM store_row r WHERE scope = ? AND tbl = ? AND key >= CAST(? AS TEXT) AND key < CAST(? AS TEXT) AND ${ALIVE} ORDER BY key ${order} LIMIT ?`,
    );
  const byPlace = (order: string) =>
    db.prepare(
      `SELECT key, value, version, crc, place FROM store_place p JOIN store_row r ON r.id = p.row
       WHERE p.scope = ? AND p.tbl = ? AND idx = ? AND place >= ? AND place < ? AND ${ALIVE} ORDER BY place ${order} LIMIT ?`,
    );
  const keys = { forward: byKey('ASC'), back: byKey('DESC') };
  const places = { forward: byPlace('ASC'), back: byPlace('DESC') };

  return ({ scope, table, index, range, reverse, limit }, now) => {
    const direction = reverse ? 'back' : 'forward';
    // One more than asked for tells whether there is a next page.
    const bounds = [range.lower, range.upper ?? NO_END, now, limit + 1] as const;
    return index === undefined
      ? readPage(keys[direction], [scope, table, ...bounds], scope, table, limit)
      : readPage(places[direction], [scope, table, index, ...bounds], scope, table, limit);
  };
}

function readPage(
  statement: StatementSync,
  parameters: readonly (string | number | Uint8Array)[],
  scope: string,
  table: string,
  limit: number,
): Page {
  const rows: ScannedRow[] = [];
  let bytes = 0;
  for (const found of statement.iterate(...parameters)) {
    if (rows.length === limit || bytes >= MAX_PAGE_BYTES) return { rows, next: rows.at(-1)?.position };
    const row = toRow(scope, table, found);
    const place = 'place' in found ? bytesColumn(found, 'place') : Buffer.from(textColumn(found, 'key'));
    rows.push({ ...row, position: toPosition(place) });
    bytes += row.value.byteLength;
  }
  return { rows, next: undefined };
}
