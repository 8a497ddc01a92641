// Rows and keys in SQLite: read, written with their places in indexes, removed.
import type { DatabaseSync } from 'node:sqlite';
import { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import { bytesColumn, maybeBytesColumn, numberColumn, type SqlRow, textColumn } from '../../sqlite/columns.ts';
import type { Row } from '../tables.ts';
import { assertIntact, rowChecksum } from './checksum.ts';
import type { WriteContext } from './context.ts';

/** The table that keys are the rows of. */
export const KEYS = '';

export interface IndexPlace {
  readonly index: string;
  readonly place: Uint8Array;
}

export interface RowReader {
  get(scope: string, table: string, key: string, now: number): Row | undefined;
  /** The version alone, also of a row that is damaged. */
  version(scope: string, table: string, key: string, now: number): string | undefined;
}

export function openRowReader(db: DatabaseSync): RowReader {
  const get = db.prepare(
    'SELECT key, value, version, crc FROM store_row WHERE scope = ? AND tbl = ? AND key = ? AND (expires IS NULL OR expires > ?)',
  );
  const version = db.prepare(
    'SELECT version FROM store_row WHERE scope = ? AND tbl = ? AND key = ? AND (expires IS NULL OR expires > ?)',
  );
  return {
    get(scope, table, key, now) {
      const row = get.get(scope, table, key, now);
      return row && toRow(scope, table, row);
    },
    version(scope, table, key, now) {
      const row = version.get(scope, table, key, now);
      return row && textColumn(row, 'version');
    },
  };
}

export function toRow(scope: string, table: string, row: SqlRow): Row {
  const key = textColumn(row, 'key');
  const value = bytesColumn(row, 'value');
  assertIntact(value, numberColumn(row, 'crc'), scope, table, key);
  return { key, value, version: textColumn(row, 'version') };
}

export interface RowWriter extends RowReader {
  /** The new version. */
  put(
    scope: string,
    table: string,
    key: string,
    value: Uint8Array,
    ttlMs: number | undefined,
    places: readonly IndexPlace[],
  ): string;
  delete(scope: string, table: string, key: string): boolean;
  /** Removes up to `limit` rows of any scope whose time is over; how many. */
  sweep(limit: number): number;
  /** Removes up to `limit` rows of the scope; how many. */
  drop(scope: string, limit: number): number;
}

export function openRowWriter(context: WriteContext): RowWriter {
  const { db } = context;
  const find = db.prepare('SELECT id, places FROM store_row WHERE scope = ? AND tbl = ? AND key = ?');
  const insert = db.prepare(
    'INSERT INTO store_row (scope, tbl, key, version, expires, crc, places, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const update = db.prepare(
    'UPDATE store_row SET version = ?, expires = ?, crc = ?, places = ?, value = ? WHERE id = ?',
  );
  const remove = db.prepare('DELETE FROM store_row WHERE id = ?');
  const addPlace = db.prepare('INSERT INTO store_place VALUES (?, ?, ?, ?, ?)');
  const removePlace = db.prepare('DELETE FROM store_place WHERE scope = ? AND tbl = ? AND idx = ? AND place = ?');
  const over = db.prepare(
    'SELECT id, scope, tbl, places FROM store_row WHERE expires <= ? ORDER BY expires LIMIT ? + 0',
  );
  const ofScope = db.prepare('SELECT id, scope, tbl, places FROM store_row WHERE scope = ? LIMIT ? + 0');

  const removeRow = (scope: string, table: string, row: SqlRow) => {
    for (const { index, place } of unpackPlaces(maybeBytesColumn(row, 'places')))
      removePlace.run(scope, table, index, place);
    remove.run(numberColumn(row, 'id'));
  };
  const removeAll = (rows: readonly SqlRow[]) => {
    for (const row of rows) removeRow(textColumn(row, 'scope'), textColumn(row, 'tbl'), row);
    return rows.length;
  };

  return {
    ...openRowReader(db),
    put(scope, table, key, value, ttlMs, places) {
      const version = context.nextVersion();
      const expires = ttlMs === undefined ? null : context.now() + ttlMs;
      const crc = rowChecksum(value, scope, table, key);
      const packed = packPlaces(places);
      const met = find.get(scope, table, key);
      if (!met) {
        const { lastInsertRowid } = insert.run(scope, table, key, version, expires, crc, packed, value);
        for (const { index, place } of places) addPlace.run(scope, table, index, place, lastInsertRowid);
        return version;
      }
      const id = numberColumn(met, 'id');
      const before = maybeBytesColumn(met, 'places');
      if (Buffer.compare(before ?? EMPTY, packed ?? EMPTY) !== 0) {
        for (const { index, place } of unpackPlaces(before)) removePlace.run(scope, table, index, place);
        for (const { index, place } of places) addPlace.run(scope, table, index, place, id);
      }
      update.run(version, expires, crc, packed, value, id);
      return version;
    },
    delete(scope, table, key) {
      const met = find.get(scope, table, key);
      if (met) removeRow(scope, table, met);
      return met !== undefined;
    },
    sweep: limit => removeAll(over.all(context.now(), limit)),
    drop: (scope, limit) => removeAll(ofScope.all(scope, limit)),
  };
}

const EMPTY = Buffer.alloc(0);

function packPlaces(places: readonly IndexPlace[]): Uint8Array | null {
  if (places.length === 0) return null;
  const out = new ByteWriter(128);
  for (const { index, place } of places) {
    out.text(index);
    out.sized(place);
  }
  return out.bytes;
}

/** What `store_row.places` says. */
export function unpackPlaces(packed: Uint8Array | undefined): IndexPlace[] {
  const places: IndexPlace[] = [];
  if (!packed) return places;
  const reader = new ByteReader(packed);
  while (reader.left > 0) places.push({ index: reader.text(), place: reader.sized() });
  return places;
}
