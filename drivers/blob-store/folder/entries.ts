// Objects in SQLite: what stands under a key, found whole or named as damaged.
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { TenfoldError } from '../../../core/errors.ts';
import { bytesColumn, numberColumn, type SqlRow, textColumn } from '../../sqlite/columns.ts';
import type { Entry } from './wire.ts';

export function openEntryFinder(db: DatabaseSync): (key: string) => Entry | undefined {
  const get = db.prepare('SELECT * FROM blob_object WHERE key = ?');
  return key => {
    const row = get.get(key);
    return row && toEntry(row);
  };
}

/** Throws `data-corrupt` when it does not match its checksum. */
export function toEntry(row: SqlRow): Entry {
  const entry = {
    key: textColumn(row, 'key'),
    stamp: textColumn(row, 'stamp'),
    size: numberColumn(row, 'size'),
    etag: textColumn(row, 'etag'),
    modified: numberColumn(row, 'modified'),
    contentType: textColumn(row, 'type'),
    metadata: textColumn(row, 'metadata'),
    checks: bytesColumn(row, 'checks'),
  };
  if (entryChecksum(entry) !== numberColumn(row, 'crc'))
    throw new TenfoldError(
      'data-corrupt',
      `The entry of the object '${entry.key}' is damaged. It is not served; write the object anew.`,
    );
  return entry;
}

/** The checksum of a change in the journal. */
export function changeChecksum(at: number, key: string, etag: string | null, size: number | null): number {
  return crc32(JSON.stringify([at, key, etag, size]));
}

export function entryChecksum({ checks, ...entry }: Entry): number {
  const { key, stamp, size, etag, modified, contentType, metadata } = entry;
  return crc32(checks, crc32(JSON.stringify([key, stamp, size, etag, modified, contentType, metadata])));
}
