// Which bytes of an object a range means.
import type { BlobRange } from './blob-store.ts';

export interface Extent {
  readonly first: number;
  readonly length: number;
}

export function extentOf(range: BlobRange | undefined, size: number): Extent {
  if (!range) return { first: 0, length: size };
  const wanted = Math.trunc(range.first);
  const first = wanted < 0 ? Math.max(0, size + wanted) : Math.min(wanted, size);
  const end = Math.min(size, range.last === undefined ? size : Math.trunc(range.last) + 1);
  return { first, length: Math.max(0, end - first) };
}
