// The rows of an answer as a file: CSV (RFC 4180) or one JSON object a line.
import type { SqlColumnReport } from '../../../admin/sql-view.ts';

export type Row = readonly unknown[];

export function toCsv(columns: readonly SqlColumnReport[], rows: readonly Row[]): string {
  const lines = [columns.map(({ name }) => name), ...rows.map(row => row.map(csvText))];
  return lines.map(cells => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** Two columns of one name would be one member: the second is called `name_2`. */
export function toJsonLines(columns: readonly SqlColumnReport[], rows: readonly Row[]): string {
  const names = uniqueNames(columns);
  return rows
    .map(row => `${JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])))}\n`)
    .join('');
}

export function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function csvText(value: unknown): string {
  return value === null || value === undefined ? '' : cellText(value);
}

/**
 * A spreadsheet takes a text that begins so for a formula, and events can come from anybody: a `'`
 * before it makes it text.
 */
function csvCell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  const cell = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function uniqueNames(columns: readonly SqlColumnReport[]): readonly string[] {
  const taken = new Set(columns.map(({ name }) => name));
  const used = new Set<string>();
  return columns.map(({ name }) => {
    let unique = name;
    for (let number = 2; used.has(unique) || (unique !== name && taken.has(unique)); number++)
      unique = `${name}_${number}`;
    used.add(unique);
    return unique;
  });
}
