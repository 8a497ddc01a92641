// What questions to all kinds of View have in common: how their parameters are read, and refused.
import { TenfoldError } from '../../core/errors.ts';

const DEFAULT_LIMIT = 20;

export function filled(name: string, text: string): string {
  if (text === '') throw bad(`"${name}" is empty.`);
  return text;
}

export function noCursor(after: string | undefined): void {
  if (after !== undefined) throw bad('"after" is the position of an event here, such as orders@0:17.');
}

export function readLimit(name: string, text: string | null, most: number): number {
  if (text === null) return Math.min(DEFAULT_LIMIT, most);
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > most) throw bad(`"${name}" is a whole number from 1 to ${most}.`);
  return limit;
}

export function bad(message: string): TenfoldError {
  return new TenfoldError('bad-request', message);
}
