// The place of an entry in a feed as text, which callers hand back as they got it: when
// it was pushed, and its id.
import { invalidState } from './limits.ts';

interface Place {
  readonly at: number;
  readonly id: string;
}

export function toFeedCursor({ at, id }: Place): string {
  const bytes = Buffer.alloc(8 + Buffer.byteLength(id));
  bytes.writeDoubleBE(at, 0);
  bytes.write(id, 8);
  return bytes.toString('base64url');
}

export function fromFeedCursor(cursor: string): Place {
  const bytes = Buffer.from(cursor, 'base64url');
  const at = bytes.length > 8 ? bytes.readDoubleBE(0) : Number.NaN;
  if (Number.isNaN(at)) throw invalidState('The cursor is not one that a page ended with.');
  return { at, id: bytes.toString('utf8', 8) };
}
