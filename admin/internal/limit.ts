// Reads how many items of a list are wanted.
import { TenfoldError } from '../../core/errors.ts';

const DEFAULT = 100;
const MOST = 1000;

export function readLimit(text: string | undefined): number {
  return readCount('limit', text, DEFAULT);
}

/** At most 1000. `name`: of the parameter. */
export function readCount(name: string, text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  const count = Number(text);
  if (/^\d{1,4}$/.test(text) && count >= 1 && count <= MOST) return count;
  throw new TenfoldError('bad-request', `"${name}" must be a whole number from 1 to ${MOST}.`);
}
