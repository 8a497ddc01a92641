// Positions in SQLite, and the one step that moves them together with what was folded.
import type { DatabaseSync } from 'node:sqlite';
import { numberColumn } from '../../sqlite/columns.ts';
import type { Change, Fence, FoldOutcome } from '../changes.ts';
import { indexPlaceOf } from '../scan-range.ts';
import type { WriteContext } from './context.ts';
import { openCounterWriter } from './counters.ts';
import { openFeedWriter } from './feeds.ts';
import { openKeyWriter } from './keys.ts';
import { openRankingWriter } from './rankings.ts';
import { KEYS, openRowWriter } from './rows.ts';
import { openTimerWriter } from './timers.ts';

export interface PositionReader {
  get(scope: string, consumer: string, partition: number): number | undefined;
}

export function openPositionReader(db: DatabaseSync): PositionReader {
  const get = db.prepare('SELECT position FROM store_position WHERE scope = ? AND consumer = ? AND partition = ?');
  return {
    get(scope, consumer, partition) {
      const row = get.get(scope, consumer, partition);
      return row && numberColumn(row, 'position');
    },
  };
}

export type Writers = ReturnType<typeof openWriters>;

/** All that writes in one scope. */
export function openWriters(context: WriteContext) {
  const rows = openRowWriter(context);
  const rankings = openRankingWriter(context);
  const feeds = openFeedWriter(context);
  const counters = openCounterWriter(context);
  const timers = openTimerWriter(context);
  const positions = openPositionReader(context.db);
  const move = context.db.prepare('INSERT OR REPLACE INTO store_position VALUES (?, ?, ?, ?)');
  const forget = context.db.prepare('DELETE FROM store_position WHERE scope = ?');

  const make = (scope: string, change: Change) => {
    switch (change.kind) {
      case 'put':
        return rows.put(scope, KEYS, change.key, toBytes(change.value), change.ttlMs, []);
      case 'delete':
        return rows.delete(scope, KEYS, change.key);
      case 'put-row': {
        const { table, key, value, ttlMs, indexes = {} } = change;
        const places = Object.entries(indexes).map(([index, values]) => ({ index, place: indexPlaceOf(values, key) }));
        return rows.put(scope, table, key, toBytes(value), ttlMs, places);
      }
      case 'delete-row':
        return rows.delete(scope, change.table, change.key);
      case 'score':
        return rankings.score(scope, change, change.value === undefined ? undefined : toBytes(change.value));
      case 'unrank':
        return rankings.unrank(scope, change.ranking, change.member);
      case 'push':
        return feeds.push(scope, change, toBytes(change.value));
      case 'unpush':
        return feeds.unpush(scope, change.feed, change.owner, change.id);
      case 'count':
        return counters.add(scope, change.counter, change.by, change.ttlMs);
      case 'set-timer':
        return timers.set(scope, change.timer, change.inMs, toBytes(change.payload));
      case 'cancel-timer':
        return timers.cancel(scope, change.timer);
    }
  };
  const kinds = [rows, rankings, feeds, counters, timers];
  return {
    keys: openKeyWriter(context, rows),
    counters,
    timers,
    apply(scope: string, changes: Iterable<Change>, fence: Fence | undefined): FoldOutcome {
      if (fence) {
        const position = positions.get(scope, fence.consumer, fence.partition);
        if (position !== fence.after) return { applied: false, position };
        move.run(scope, fence.consumer, fence.partition, fence.upTo);
      }
      for (const change of changes) make(scope, change);
      return { applied: true };
    },
    /** Removes about `limit` things of the scope; false when nothing is left. */
    drop(scope: string, limit: number): boolean {
      for (const kind of kinds) if (kind.drop(scope, limit) > 0) return true;
      return forget.run(scope).changes > 0;
    },
    /** Removes about `limit` things whose time is over; false when nothing is left. */
    sweep(limit: number): boolean {
      let removed = 0;
      for (const kind of [rows, rankings, feeds, counters]) removed += kind.sweep(limit);
      return removed > 0;
    },
  };
}

function toBytes(value: Uint8Array | string): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : value;
}
