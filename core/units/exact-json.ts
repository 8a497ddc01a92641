// Reads and writes JSON without a loss of digits: JavaScript rounds whole numbers beyond 2^53, and
// takes numbers beyond 1.8e308 for infinite.
import { randomHex } from '../random-hex.ts';

/** Nobody outside this process can guess it, so no text of users is taken for a number. */
const MARK = `${randomHex(16)}:`;
const MARKED = new RegExp(`"${MARK}([^"]+)"`, 'g');
const MAY_BE_ROUNDED = /[0-9]{16}|[0-9][eE]\+?[0-9]{3}/;

/** A look that is cheap. False: the text holds no such number. */
export function mayBeRounded(text: string): boolean {
  return MAY_BE_ROUNDED.test(text);
}

/**
 * As `JSON.parse`, but for numbers that it would round: they are texts with a mark, which
 * `writeExactJson` writes as these numbers again. Throws a SyntaxError.
 */
export function readExactJson(text: string): unknown {
  return mayBeRounded(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
}

export function writeExactJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes(MARK) ? text.replaceAll(MARKED, '$1') : text;
}

function keepExact(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return isRounded(value, context?.source) ? `${MARK}${context?.source}` : value;
}

/** Whether JavaScript would write the number that stands so in a JSON text with other digits. */
export function isRounded(value: unknown, source: string | undefined): boolean {
  if (typeof value !== 'number' || source === undefined) return false;
  if (!Number.isFinite(value)) return true;
  return !Number.isSafeInteger(value) && /^-?[0-9]+$/.test(source) && String(value) !== source;
}

/** The first number of a JSON text that JavaScript would round, as it is written. */
export function roundedNumberIn(text: string): string | undefined {
  if (!mayBeRounded(text)) return undefined;
  let found: string | undefined;
  JSON.parse(text, (_name, value, context?: { readonly source?: string }) => {
    if (found === undefined && isRounded(value, context?.source)) found = context?.source;
    return value;
  });
  return found;
}
