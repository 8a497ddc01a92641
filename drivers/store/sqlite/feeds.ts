// Feeds in SQLite: entries by owner, newest first; what is beyond the owner's
// limit goes with the next push.
import type { DatabaseSync } from 'node:sqlite';
import { bytesColumn, numberColumn, textColumn } from '../../sqlite/columns.ts';
import type { Push } from '../changes.ts';
import { fromFeedCursor, toFeedCursor } from '../feed-cursor.ts';
import type { FeedEntry } from '../feeds.ts';
import { MAX_PAGE_BYTES } from '../limits.ts';
import { assertIntact, rowChecksum } from './checksum.ts';
import type { WriteContext } from './context.ts';

/** Without positions: they are made of this where it is asked. */
export type StoredEntry = Omit<FeedEntry, 'position'>;

export interface FeedReader {
  page(
    scope: string,
    feed: string,
    owner: string,
    after: string | undefined,
    limit: number,
    now: number,
  ): { readonly entries: readonly StoredEntry[]; readonly next: string | undefined };
}

export function openFeedReader(db: DatabaseSync): FeedReader {
  const select = 'SELECT entry, at, crc, value FROM store_feed WHERE scope = ? AND feed = ? AND owner = ?';
  const rest = 'AND (expires IS NULL OR expires > ?) ORDER BY at DESC, entry DESC LIMIT ? + 0';
  const newest = db.prepare(`${select} ${rest}`);
  const older = db.prepare(`${select} AND (at, entry) < (?, ?) ${rest}`);
  return {
    page(scope, feed, owner, after, limit, now) {
      const cursor = after === undefined ? undefined : fromFeedCursor(after);
      const found = cursor
        ? older.iterate(scope, feed, owner, cursor.at, cursor.id, now, limit + 1)
        : newest.iterate(scope, feed, owner, now, limit + 1);
      const entries: StoredEntry[] = [];
      let bytes = 0;
      for (const row of found) {
        const last = entries.at(-1);
        if (last && (entries.length === limit || bytes >= MAX_PAGE_BYTES)) return { entries, next: toFeedCursor(last) };
        const id = textColumn(row, 'entry');
        const at = numberColumn(row, 'at');
        const value = bytesColumn(row, 'value');
        assertIntact(value, numberColumn(row, 'crc'), scope, feed, owner, id, at);
        entries.push({ id, at, value });
        bytes += value.byteLength;
      }
      return { entries, next: undefined };
    },
  };
}

export interface FeedWriter {
  push(scope: string, change: Push, value: Uint8Array): void;
  unpush(scope: string, feed: string, owner: string, id: string): void;
  sweep(limit: number): number;
  drop(scope: string, limit: number): number;
}

export function openFeedWriter(context: WriteContext): FeedWriter {
  const { db } = context;
  const put = db.prepare(
    `INSERT INTO store_feed (scope, feed, owner, entry, at, expires, crc, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (scope, feed, owner, entry) DO UPDATE SET at = excluded.at, expires = excluded.expires, crc = excluded.crc, value = excluded.value`,
  );
  const beyond = db.prepare(
    'SELECT id FROM store_feed WHERE scope = ? AND feed = ? AND owner = ? AND (expires IS NULL OR expires > ?) ORDER BY at DESC, entry DESC LIMIT -1 OFFSET ?',
  );
  const removeEntry = db.prepare('DELETE FROM store_feed WHERE scope = ? AND feed = ? AND owner = ? AND entry = ?');
  const remove = db.prepare('DELETE FROM store_feed WHERE id = ?');
  const over = db.prepare('SELECT id FROM store_feed WHERE expires <= ? ORDER BY expires LIMIT ? + 0');
  const ofScope = db.prepare('SELECT id FROM store_feed WHERE scope = ? LIMIT ? + 0');
  const removeAll = (rows: ReturnType<typeof over.all>) => {
    for (const row of rows) remove.run(numberColumn(row, 'id'));
    return rows.length;
  };
  return {
    push(scope, { feed, owner, id, at, limit, ttlMs }, value) {
      const place = at + 0;
      const expires = ttlMs === undefined ? null : context.now() + ttlMs;
      put.run(scope, feed, owner, id, place, expires, rowChecksum(value, scope, feed, owner, id, place), value);
      removeAll(beyond.all(scope, feed, owner, context.now(), limit));
    },
    unpush(scope, feed, owner, id) {
      removeEntry.run(scope, feed, owner, id);
    },
    sweep: limit => removeAll(over.all(context.now(), limit)),
    drop: (scope, limit) => removeAll(ofScope.all(scope, limit)),
  };
}
