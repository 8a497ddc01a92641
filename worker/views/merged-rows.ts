// Rows of a table that events are merged into: what they come to, and how long each lives from its newest event, also where a View is built anew.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import { appendedAt, isOver, lifeTimeSince, OVER_MS } from './life-time.ts';
import { isDelete, parseValue } from './operation.ts';

/**
 * A second row beside each row that has a life time: when its newest event was appended, and what it holds. It outlives the row by a day, as an event
 * may be read after the end of a row that it belongs to: from a source that lags, or while a backlog is read.
 * Nobody reads it but the fold.
 */
const LIVES = 'tenfold.over';
/** More than an event waits to be read. */
const KEPT_AFTER_MS = 86_400_000;

interface Life {
  readonly json: unknown;
  /** When the newest of its events was appended, milliseconds since 1970. */
  readonly at: number;
}

export interface MergeOptions {
  /** Undefined: for ever. */
  readonly ttl: number | undefined;
  readonly table: string;
  put(row: string, json: unknown, ttlMs: number | undefined): Change;
}

type Store = Pick<Tables, 'rows'> & { now(): number };

/** Each depends on the rows that are there and on the records alone. */
export async function mergeRows(
  { ttl, table, put }: MergeOptions,
  records: readonly LogRecord[],
  scope: string,
  store: Store,
): Promise<Change[]> {
  const byRow = Map.groupBy(records, record => record.key ?? '');
  const stored = await readAll(store, scope, table, [...byRow.keys()]);
  const lives = ttl === undefined ? new Map() : await readAll(store, scope, LIVES, [...byRow.keys()]);
  const now = store.now();
  return [...byRow].flatMap(([row, those]): Change[] => {
    const before = lifeBefore(stored.get(row), lives.get(row) as Life | undefined, ttl, now);
    const life = mergeAll(before, those, ttl);
    const remove: Change = { kind: 'delete-row', table, key: row };
    if (life === undefined) return lives.has(row) ? [remove, { ...remove, table: LIVES }] : [remove];
    if (ttl === undefined) return [put(row, life.json, undefined)];
    const ttlMs = lifeTimeSince(life.at, ttl, now);
    const value = JSON.stringify(life);
    const keep: Change = { kind: 'put-row', table: LIVES, key: row, value, ttlMs: ttlMs + KEPT_AFTER_MS };
    return [ttlMs === OVER_MS ? remove : put(row, life.json, ttlMs), keep];
  });
}

/**
 * A version before this one keeps no second row beside one that lives, and may work beside us: what the row holds counts first, then how long it should
 * have been there. One that is gone before its time was deleted.
 */
function lifeBefore(json: unknown, life: Life | undefined, ttl: number | undefined, now: number): Life | undefined {
  if (json !== undefined) return { json, at: life?.at ?? now };
  return life !== undefined && ttl !== undefined && isOver(life.at, ttl, now) ? life : undefined;
}

/** An event that was appended when the row was over begins a new one. */
function mergeAll(before: Life | undefined, records: readonly LogRecord[], ttl = Number.POSITIVE_INFINITY) {
  let life = before;
  for (const record of records) {
    const at = appendedAt(record);
    if (isDelete(record)) life = undefined;
    else if (life === undefined || at - life.at > ttl) life = { json: parseValue(record.value), at };
    else life = { json: merged(life.json, parseValue(record.value)), at: Math.max(life.at, at) };
  }
  return life;
}

async function readAll(
  store: Store,
  scope: string,
  table: string,
  keys: readonly string[],
): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  if (keys.length === 0) return found;
  for (const row of await store.rows(scope, table, keys)) if (row) found.set(row.key, parseValue(row.value));
  return found;
}

function merged(old: unknown, next: unknown): unknown {
  return isObject(old) && isObject(next) ? { ...old, ...next } : next;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
