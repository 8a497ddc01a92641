// The cursor to the next page of an answer, as callers get it.
import { invalidSearch } from '../invalid.ts';
import { MAX_WINDOW } from '../query.ts';

export function toPageCursor(offset: number): string {
  return Buffer.from(`1:${offset}`).toString('base64url');
}

export function fromPageCursor(cursor: string): number {
  const [, digits] = /^1:(\d{1,5})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const offset = Number(digits);
  if (!(offset >= 0 && offset < MAX_WINDOW)) throw invalidSearch('The cursor is not one that a page ended with.');
  return offset;
}
