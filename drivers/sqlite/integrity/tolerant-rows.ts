// Reads rows of a damaged table from both ends, so that one bad page hides only what lies in it.
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';

export type RawRow = Record<string, SQLOutputValue>;

/**
 * `select` without its end; `order`: columns of a unique key. Errors go to `problems`; rows after a
 * bad page come last, from the end.
 */
export function* readTolerantly(
  db: DatabaseSync,
  select: string,
  order: readonly string[],
  problems: string[],
  ...values: SQLInputValue[]
): Iterable<RawRow> {
  const keyOf = (row: RawRow) => JSON.stringify(order.map(column => String(row[column])));
  let last: string | undefined;
  try {
    for (const row of db.prepare(`${select} ORDER BY ${order.join(', ')}`).iterate(...values)) {
      yield row;
      last = keyOf(row);
    }
    return;
  } catch (error) {
    problems.push(`some rows cannot be read (${messageOf(error)})`);
  }
  try {
    const backward = order.map(column => `${column} DESC`).join(', ');
    for (const row of db.prepare(`${select} ORDER BY ${backward}`).iterate(...values)) {
      if (keyOf(row) === last) return;
      yield row;
    }
  } catch {} // the same page, from the other side
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
