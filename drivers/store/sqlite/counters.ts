// Counters in SQLite.
import type { DatabaseSync } from 'node:sqlite';
import { numberColumn } from '../../sqlite/columns.ts';
import { invalidState } from '../limits.ts';
import type { WriteContext } from './context.ts';

export interface CounterReader {
  get(scope: string, name: string, now: number): number;
}

export function openCounterReader(db: DatabaseSync): CounterReader {
  const get = db.prepare(
    'SELECT value FROM store_counter WHERE scope = ? AND name = ? AND (expires IS NULL OR expires > ?)',
  );
  return {
    get(scope, name, now) {
      const row = get.get(scope, name, now);
      return row ? numberColumn(row, 'value') : 0;
    },
  };
}

export interface CounterWriter {
  /** The sum. */
  add(scope: string, name: string, by: number, ttlMs: number | undefined): number;
  sweep(limit: number): number;
  drop(scope: string, limit: number): number;
}

export function openCounterWriter(context: WriteContext): CounterWriter {
  const { db } = context;
  const find = db.prepare(
    'SELECT value FROM store_counter WHERE scope = ? AND name = ? AND (expires IS NULL OR expires > ?)',
  );
  const begin = db.prepare('INSERT OR REPLACE INTO store_counter VALUES (?, ?, ?, ?)');
  const set = db.prepare('UPDATE store_counter SET value = ? WHERE scope = ? AND name = ?');
  const sweep = db.prepare(
    'DELETE FROM store_counter WHERE (scope, name) IN (SELECT scope, name FROM store_counter WHERE expires <= ? ORDER BY expires LIMIT ? + 0)',
  );
  const drop = db.prepare(
    'DELETE FROM store_counter WHERE scope = ?1 AND name IN (SELECT name FROM store_counter WHERE scope = ?1 LIMIT ?2 + 0)',
  );
  return {
    add(scope, name, by, ttlMs) {
      const met = find.get(scope, name, context.now());
      const sum = (met ? numberColumn(met, 'value') : 0) + by;
      if (!Number.isSafeInteger(sum))
        throw invalidState(`Counter '${name}' would be ${sum}, more than can be counted exactly.`);
      if (met) set.run(sum, scope, name);
      else begin.run(scope, name, sum, ttlMs === undefined ? null : context.now() + ttlMs);
      return sum;
    },
    sweep: limit => Number(sweep.run(context.now(), limit).changes),
    drop: (scope, limit) => Number(drop.run(scope, limit).changes),
  };
}
