// Rows of a table that events are merged into: what they come to, and how long each lives from its newest event, also where a View is built anew.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import { appendedAt, lifeTimeOf, OVER_MS } from './life-time.ts';
import { isDelete, parseValue } from './operation.ts';

/**
 * What the events so far have made of rows whose life is over already, while a backlog is read: the next event may have come while the row lived.
 * Nobody reads them but the fold.
 */
const OVER_ROWS = 'tenfold.over';
/** More than the time between two events of a row takes to be read. */
const OVER_TTL_MS = 86_400_000;

interface Over {
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
  const wanted = [...byRow].flatMap(([row, [first]]) => (first && !isDelete(first) ? row : []));
  const stored = await readAll(store, scope, table, wanted);
  const missing = ttl === undefined ? [] : wanted.filter(row => !stored.has(row));
  const over = await readAll(store, scope, OVER_ROWS, missing);
  return [...byRow].flatMap(([row, those]): Change[] => {
    const before = over.get(row) as Over | undefined;
    const { json, newest } = mergeAll(stored.has(row) ? stored.get(row) : undefined, before, those, ttl);
    const forget: Change[] = before ? [{ kind: 'delete-row', table: OVER_ROWS, key: row }] : [];
    const remove: Change = { kind: 'delete-row', table, key: row };
    if (json === undefined || newest === undefined) return [remove, ...forget];
    const ttlMs = lifeTimeOf(newest, ttl, store.now());
    // A row that is there was changed lately, by an event of another source: it lives on.
    if (ttlMs !== OVER_MS) return [put(row, json, ttlMs), ...forget];
    if (stored.has(row)) return [put(row, json, ttl)];
    const value = JSON.stringify({ json, at: appendedAt(newest) } satisfies Over);
    return [remove, { kind: 'put-row', table: OVER_ROWS, key: row, value, ttlMs: OVER_TTL_MS }];
  });
}

/** An event that comes when the row is over begins a new one. */
function mergeAll(
  stored: unknown,
  over: Over | undefined,
  records: readonly LogRecord[],
  ttl = Number.POSITIVE_INFINITY,
) {
  let json = stored ?? over?.json;
  let at = stored === undefined ? over?.at : undefined;
  let newest: LogRecord | undefined;
  for (const record of records) {
    const time = appendedAt(record);
    if (isDelete(record)) {
      json = undefined;
      newest = undefined;
      continue;
    }
    if (at !== undefined && time - at > ttl) json = undefined;
    json = merged(json, parseValue(record.value));
    if (newest === undefined || time > appendedAt(newest)) newest = record;
    at = Math.max(at ?? time, time);
  }
  return { json, newest };
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
