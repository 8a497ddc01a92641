// Examines the store in a damaged file, value by value. A new file gets all that follows from the
// rows, made anew from the sound ones.
import type { DatabaseSync } from 'node:sqlite';
import { bytesColumn, maybeBytesColumn, numberColumn, type SqlRow, textColumn } from '../../sqlite/columns.ts';
import { examineTables } from '../../sqlite/integrity/examine-tables.ts';
import { messageOf, type RawRow } from '../../sqlite/integrity/tolerant-rows.ts';
import type { PartReport } from '../../sqlite/module.ts';
import { rowChecksum } from './checksum.ts';
import { unpackPlaces } from './rows.ts';

export function* examineStore(from: DatabaseSync, to: DatabaseSync | undefined): Iterable<PartReport> {
  yield* examineTables('store', from, to, damageOf);
  if (!to) return;
  yield placeRows(to);
  yield countRankings(to);
}

const NOTHING = Buffer.alloc(0);

function damageOf(table: string, row: RawRow): string | undefined {
  const where = (...columns: readonly string[]) => columns.map(column => keyOf(row, column));
  switch (table) {
    case 'store_row':
      return unlessIntact(row, bytesColumn(row, 'value'), where('scope', 'tbl', 'key'));
    case 'store_ranked':
      return unlessIntact(row, maybeBytesColumn(row, 'value') ?? NOTHING, where('ranking', 'member', 'score'));
    case 'store_feed':
      return unlessIntact(row, bytesColumn(row, 'value'), where('scope', 'feed', 'owner', 'entry', 'at'));
    case 'store_timer':
      return unlessIntact(row, bytesColumn(row, 'payload'), where('scope', 'name'));
    default:
      return undefined;
  }
}

function keyOf(row: RawRow, column: string): string | number {
  return typeof row[column] === 'number' ? numberColumn(row, column) : textColumn(row, column);
}

function unlessIntact(row: RawRow, value: Uint8Array, where: readonly (string | number)[]): string | undefined {
  if (rowChecksum(value, ...where) === row['crc']) return undefined;
  return `the value of ${where.map(part => `'${part}'`).join(' ')}`;
}

/**
 * Places of each row in indexes, computed from the row itself. Versions must not come again, even
 * when the number of starts is lost.
 */
function placeRows(to: DatabaseSync): PartReport {
  const problems: string[] = [];
  const add = to.prepare('INSERT OR REPLACE INTO store_place VALUES (?, ?, ?, ?, ?)');
  const forget = to.prepare('UPDATE store_row SET places = NULL WHERE id = ?');
  to.exec('DELETE FROM store_place');
  let sound = 0;
  let opens = 0;
  const lost: SqlRow[] = [];
  for (const row of to.prepare('SELECT id, scope, tbl, key, version, places FROM store_row').iterate()) {
    const ofStart = Number.parseInt(textColumn(row, 'version'), 36);
    if (Number.isSafeInteger(ofStart)) opens = Math.max(opens, ofStart);
    try {
      for (const { index, place } of unpackPlaces(maybeBytesColumn(row, 'places'))) {
        add.run(textColumn(row, 'scope'), textColumn(row, 'tbl'), index, place, numberColumn(row, 'id'));
        sound++;
      }
    } catch (error) {
      lost.push(row);
      const name = ['scope', 'tbl', 'key'].map(column => `'${textColumn(row, column)}'`).join(' ');
      problems.push(`${name} is found by its key alone until it is written anew (${messageOf(error)})`);
    }
  }
  for (const row of lost) forget.run(numberColumn(row, 'id'));
  to.prepare('UPDATE store_meta SET opens = max(opens, ?)').run(opens);
  return { part: 'indexes of rows', sound, problems };
}

function countRankings(to: DatabaseSync): PartReport {
  const { changes } = to.prepare('DELETE FROM store_ranked WHERE ranking NOT IN (SELECT id FROM store_ranking)').run();
  to.exec('UPDATE store_ranking SET size = (SELECT count(*) FROM store_ranked WHERE ranking = store_ranking.id)');
  const sound = numberColumn(to.prepare('SELECT count(*) AS count FROM store_ranking').get() ?? {}, 'count');
  const problems = changes === 0 ? [] : [`${changes} members belong to rankings that are lost`];
  return { part: 'rankings', sound, problems };
}
