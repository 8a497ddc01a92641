// Reads columns of a row that SQLite answered with, as the types that the schema says they have.
import type { SQLOutputValue } from 'node:sqlite';

export type SqlRow = Record<string, SQLOutputValue>;

export function numberColumn(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} has no number`);
  return value;
}

export function textColumn(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} has no text`);
  return value;
}

export function bytesColumn(row: SqlRow, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} has no bytes`);
  return value;
}

export function maybeNumberColumn(row: SqlRow, column: string): number | undefined {
  return row[column] === null ? undefined : numberColumn(row, column);
}

export function maybeTextColumn(row: SqlRow, column: string): string | undefined {
  return row[column] === null ? undefined : textColumn(row, column);
}

export function maybeBytesColumn(row: SqlRow, column: string): Uint8Array | undefined {
  return row[column] === null ? undefined : bytesColumn(row, column);
}
