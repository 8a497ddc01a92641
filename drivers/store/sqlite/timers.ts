// Timers in SQLite: a taken timer is one that becomes free later, under a token.
import type { DatabaseSync } from 'node:sqlite';
import { bytesColumn, maybeNumberColumn, numberColumn, textColumn } from '../../sqlite/columns.ts';
import { MAX_PAGE_BYTES } from '../limits.ts';
import type { DueTimer, DueTimers } from '../timers.ts';
import { assertIntact, rowChecksum } from './checksum.ts';
import type { WriteContext } from './context.ts';

/** So many damaged timers do not hold up the others; they are told of when nothing else is due. */
const SPARE = 16;

export interface TimerReader {
  /** When the next one is free, by the store's clock. */
  nextFree(scope: string): number | undefined;
}

export function openTimerReader(db: DatabaseSync): TimerReader {
  const next = db.prepare('SELECT min(free) AS free FROM store_timer WHERE scope = ?');
  return { nextFree: scope => maybeNumberColumn(next.get(scope) ?? {}, 'free') };
}

export interface TimerWriter {
  set(scope: string, name: string, inMs: number, payload: Uint8Array): void;
  cancel(scope: string, name: string): boolean;
  takeDue(scope: string, limit: number, leaseMs: number): DueTimers;
  settle(scope: string, name: string, token: string): boolean;
  drop(scope: string, limit: number): number;
}

export function openTimerWriter(context: WriteContext): TimerWriter {
  const { db } = context;
  const reader = openTimerReader(db);
  const set = db.prepare(
    `INSERT INTO store_timer (scope, name, due, free, token, crc, payload) VALUES (?1, ?2, ?3, ?3, NULL, ?4, ?5)
     ON CONFLICT (scope, name) DO UPDATE SET due = ?3, free = ?3, token = NULL, crc = ?4, payload = ?5`,
  );
  const cancel = db.prepare('DELETE FROM store_timer WHERE scope = ? AND name = ?');
  const due = db.prepare(
    'SELECT id, name, due, crc, payload FROM store_timer WHERE scope = ? AND free <= ? ORDER BY free, name LIMIT ? + 0',
  );
  const take = db.prepare('UPDATE store_timer SET free = ?, token = ? WHERE id = ?');
  const settle = db.prepare('DELETE FROM store_timer WHERE scope = ? AND name = ? AND token = ?');
  const drop = db.prepare(
    'DELETE FROM store_timer WHERE id IN (SELECT id FROM store_timer WHERE scope = ? LIMIT ? + 0)',
  );
  return {
    set(scope, name, inMs, payload) {
      set.run(scope, name, context.now() + inMs, rowChecksum(payload, scope, name), payload);
    },
    cancel: (scope, name) => cancel.run(scope, name).changes > 0,
    takeDue(scope, limit, leaseMs) {
      const now = context.now();
      const timers: DueTimer[] = [];
      let bytes = 0;
      let damage: unknown;
      for (const row of due.all(scope, now, limit + SPARE)) {
        if (timers.length === limit || bytes >= MAX_PAGE_BYTES) break;
        const timer = textColumn(row, 'name');
        const payload = bytesColumn(row, 'payload');
        try {
          assertIntact(payload, numberColumn(row, 'crc'), scope, timer);
        } catch (error) {
          damage = error;
          continue;
        }
        const token = context.nextVersion();
        take.run(now + leaseMs, token, numberColumn(row, 'id'));
        timers.push({ timer, payload, lateMs: now - numberColumn(row, 'due'), token });
        bytes += payload.byteLength;
      }
      if (damage !== undefined && timers.length === 0) throw damage;
      const next = reader.nextFree(scope);
      return { timers, nextInMs: next === undefined ? undefined : Math.max(0, next - now) };
    },
    settle: (scope, name, token) => settle.run(scope, name, token).changes > 0,
    drop: (scope, limit) => Number(drop.run(scope, limit).changes),
  };
}
