// Reads and refuses the parameters that queries to all kinds of View share.
import { TenfoldError } from '../../core/errors.ts';
import { parseTimestamp } from '../../core/world.ts';

const DEFAULT_LIMIT = 20;

export function filled(name: string, text: string): string {
  if (text === '') throw badQuery(`"${name}" is empty.`);
  return text;
}

export function noCursor(after: string | undefined): void {
  if (after !== undefined) throw badQuery('"after" is the position of an event here, such as orders@0:17.');
}

export function readLimit(name: string, text: string | null, most: number): number {
  if (text === null) return Math.min(DEFAULT_LIMIT, most);
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > most) {
    throw badQuery(`"${name}" is a whole number from 1 to ${most}; "query.maxLimit" of the View bounds it.`);
  }
  return limit;
}

/**
 * A text as it is written in a query: `"10..20"` in quotes is meant so. Without them it looks like
 * a range, which is asked for as a text by nobody;
 * where there are none it is refused rather than found nowhere.
 */
export function plainText(name: string, text: string): string {
  if (/^".*"$/s.test(text) && isRange(text.slice(1, -1))) return text.slice(1, -1);
  if (!isRange(text)) return text;
  throw badQuery(
    `"${name}" takes no ranges: ${JSON.stringify(text)} is none of its values. In quotes it is taken as a text.`,
  );
}

function isRange(text: string): boolean {
  const [from = '', to = '', ...others] = text.split('..');
  return text.includes('..') && others.length === 0 && from + to !== '' && [from, to].every(isEnd);
}

function isEnd(text: string): boolean {
  return text === '' || /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) || parseTimestamp(text) !== undefined;
}

export function badQuery(message: string): TenfoldError {
  return new TenfoldError('bad-request', message);
}
