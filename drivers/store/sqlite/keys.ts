// Keys with a time to live in SQLite: conditional writes over rows.
import type { PutOutcome, StoreEntry } from '../store.ts';
import type { WriteContext } from './context.ts';
import { KEYS, type RowReader, type RowWriter } from './rows.ts';

export type KeyCondition = 'always' | 'absent' | { readonly version: string };

export interface KeyWriter {
  put(scope: string, key: string, value: Uint8Array, ttlMs: number, when: KeyCondition): PutOutcome;
  delete(scope: string, key: string, version: string | undefined): boolean;
}

export function openKeyWriter(context: WriteContext, rows: RowWriter): KeyWriter {
  return {
    put(scope, key, value, ttlMs, when) {
      if (when !== 'always') {
        const entry = getKey(rows, scope, key, context.now());
        const fits = when === 'absent' ? entry === undefined : entry?.version === when.version;
        if (!fits) return { written: false, entry };
      }
      return { written: true, version: rows.put(scope, KEYS, key, value, ttlMs, []) };
    },
    delete(scope, key, version) {
      const entry = rows.version(scope, KEYS, key, context.now());
      if (entry === undefined || (version !== undefined && entry !== version)) return false;
      return rows.delete(scope, KEYS, key);
    },
  };
}

export function getKey(rows: RowReader, scope: string, key: string, now: number): StoreEntry | undefined {
  const row = rows.get(scope, KEYS, key, now);
  return row && { value: row.value, version: row.version };
}
