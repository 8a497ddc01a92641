// Looks at what a damaged file says of objects, row by row; a salvaged journal of changes has no
// gaps, so that nobody misses one unnoticed.
import type { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../../core/errors.ts';
import { maybeNumberColumn, maybeTextColumn, numberColumn, textColumn } from '../../sqlite/columns.ts';
import { examineTables } from '../../sqlite/integrity/examine-tables.ts';
import { type RawRow, readTolerantly } from '../../sqlite/integrity/tolerant-rows.ts';
import type { PartReport } from '../../sqlite/module.ts';
import { changeChecksum, toEntry } from './entries.ts';

export function* examineBlobs(from: DatabaseSync, to: DatabaseSync | undefined): Iterable<PartReport> {
  yield* examineTables('blob', from, to, damageOf);
  if (to) closeGaps(to, latestOf(from));
}

function damageOf(table: string, row: RawRow): string | undefined {
  if (table === 'blob_object') return isSound(row) ? undefined : `the entry of object '${textColumn(row, 'key')}'`;
  if (table !== 'blob_change') return undefined;
  const etag = maybeTextColumn(row, 'etag') ?? null;
  const crc = changeChecksum(
    numberColumn(row, 'at'),
    textColumn(row, 'key'),
    etag,
    maybeNumberColumn(row, 'size') ?? null,
  );
  return crc === numberColumn(row, 'crc') ? undefined : `change ${numberColumn(row, 'seq')} of the journal`;
}

function isSound(row: RawRow): boolean {
  try {
    toEntry(row);
    return true;
  } catch (error) {
    if (error instanceof TenfoldError) return false;
    throw error;
  }
}

/** Number of the last change that there was, also when it is lost; 0 when that cannot be read. */
function latestOf(from: DatabaseSync): number {
  const [row] = readTolerantly(from, "SELECT seq FROM sqlite_sequence WHERE name = 'blob_change'", ['seq'], []);
  return row ? numberColumn(row, 'seq') : 0;
}

/**
 * Changes before one that is lost go too: a reader that stands there is told to list the
 * objects, as after a long absence.
 */
function closeGaps(to: DatabaseSync, latest: number): void {
  const last =
    maybeNumberColumn(to.prepare('SELECT max(seq) AS seq FROM blob_change').get() ?? { seq: null }, 'seq') ?? 0;
  if (latest > last) {
    to.exec('DELETE FROM blob_change');
    to.exec("DELETE FROM sqlite_sequence WHERE name = 'blob_change'");
    to.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('blob_change', ?)").run(latest);
    return;
  }
  to.exec(
    'DELETE FROM blob_change WHERE seq < (SELECT max(seq) FROM blob_change AS c WHERE NOT EXISTS (SELECT 1 FROM blob_change WHERE seq = c.seq - 1))',
  );
}
