// Reads how many items of a list are wanted.
import { TenfoldError } from '../../core/errors.ts';

const DEFAULT = 100;
const MOST = 1000;

export function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT;
  const limit = Number(text);
  if (/^\d{1,4}$/.test(text) && limit >= 1 && limit <= MOST) return limit;
  throw new TenfoldError('bad-request', `"limit" must be a whole number from 1 to ${MOST}.`);
}
