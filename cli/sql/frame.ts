// The line of a query that is wrong, with a mark under the place.
import { TenfoldError } from '../../core/errors.ts';
import { oneLine } from '../output/table.ts';

const MOST_BEFORE = 60;
const MOST_BEHIND = 40;

/** Undefined where the error has no place. */
export function frameOf(sql: string, error: unknown): string | undefined {
  if (!(error instanceof TenfoldError)) return undefined;
  const { line, column } = error.extensions;
  if (typeof line !== 'number' || typeof column !== 'number') return undefined;
  const text = sql.split('\n')[line - 1];
  if (text === undefined) return undefined;
  const start = Math.max(0, column - 1 - MOST_BEFORE);
  const shown = text.slice(start, column - 1 + MOST_BEHIND);
  // One for one, so that the mark stays under its place.
  return `  ${oneLine(shown.replaceAll('\t', ' '))}\n  ${' '.repeat(column - 1 - start)}^`;
}
