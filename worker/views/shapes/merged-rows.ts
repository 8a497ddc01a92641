// Rows of a table that depend on what is there, as events are merged into them: their values, and
// how long each lives from its newest event, also where a View is built anew.
import { toExactText } from '../../../core/units/whole-numbers.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import { isDelete, parseValue } from './operation.ts';
import { appendedAt, isOver, KEPT_AFTER_MS, OVER_MS, timeToLiveSince } from './time-to-live.ts';

/**
 * A second row beside each row that has a time to live: when its newest event was appended, and
 * what it holds. It outlives the row by a day, as an event may be read after the end of its row.
 * That happens with a source that lags, or while a backlog is read.
 * Only the fold reads it.
 */
const DATED_ROWS = 'tenfold.over';

interface DatedRow {
  readonly json: unknown;
  /** Append time of the newest of its events, milliseconds since 1970. */
  readonly at: number;
}

export interface MergeOptions {
  /** Undefined: for ever. */
  readonly ttl: number | undefined;
  readonly table: string;
  /** Makes the row after the record. `before`: undefined where there is no row. */
  next(before: unknown, record: LogRecord): unknown;
  put(row: string, json: unknown, ttlMs: number | undefined): Change;
}

type Store = Pick<Tables, 'rows'> & { now(): number };

/** Each change depends on the rows that are there and on the records alone. */
export async function mergeRows(
  { ttl, table, next, put }: MergeOptions,
  records: readonly LogRecord[],
  scope: string,
  store: Store,
): Promise<Change[]> {
  const byRow = Map.groupBy(records, record => record.key ?? '');
  const stored = await readAll(store, scope, table, [...byRow.keys()]);
  const datedRows = ttl === undefined ? new Map() : await readAll(store, scope, DATED_ROWS, [...byRow.keys()]);
  const now = store.now();
  return [...byRow].flatMap(([row, those]): Change[] => {
    const before = rowBefore(stored.get(row), datedRows.get(row) as DatedRow | undefined, ttl, now);
    const dated = mergeAll(before, those, next, ttl);
    const remove: Change = { kind: 'delete-row', table, key: row };
    if (dated === undefined) return datedRows.has(row) ? [remove, { ...remove, table: DATED_ROWS }] : [remove];
    if (ttl === undefined) return [put(row, dated.json, undefined)];
    const ttlMs = timeToLiveSince(dated.at, ttl, now);
    const value = toExactText(dated);
    const keep: Change = { kind: 'put-row', table: DATED_ROWS, key: row, value, ttlMs: ttlMs + KEPT_AFTER_MS };
    return [ttlMs === OVER_MS ? remove : put(row, dated.json, ttlMs), keep];
  });
}

/**
 * A version before this one keeps no second row, and may work beside us. So the values in the row
 * count first, then how long it should have been there. A row that is gone before its time was
 * deleted.
 */
function rowBefore(
  json: unknown,
  dated: DatedRow | undefined,
  ttl: number | undefined,
  now: number,
): DatedRow | undefined {
  if (json !== undefined) return { json, at: dated?.at ?? now };
  return dated !== undefined && ttl !== undefined && isOver(dated.at, ttl, now) ? dated : undefined;
}

/** An event that was appended when the row was over begins a new one. */
function mergeAll(
  before: DatedRow | undefined,
  records: readonly LogRecord[],
  next: MergeOptions['next'],
  ttl = Number.POSITIVE_INFINITY,
): DatedRow | undefined {
  let dated = before;
  for (const record of records) {
    const at = appendedAt(record);
    if (isDelete(record)) dated = undefined;
    else if (dated === undefined || at - dated.at > ttl) dated = { json: next(undefined, record), at };
    else dated = { json: next(dated.json, record), at: Math.max(dated.at, at) };
  }
  return dated;
}

/** The rows of these keys that there are, by key. */
export async function readAll(
  store: Pick<Tables, 'rows'>,
  scope: string,
  table: string,
  keys: readonly string[],
): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  if (keys.length === 0) return found;
  for (const row of await store.rows(scope, table, keys)) if (row) found.set(row.key, parseValue(row.value));
  return found;
}

export function merged(old: unknown, next: unknown): unknown {
  return isObject(old) && isObject(next) ? { ...old, ...next } : next;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
