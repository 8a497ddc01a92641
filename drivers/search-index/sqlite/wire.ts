// How requests to the search index cross to their thread.
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { Fragment } from '../search-index.ts';
import type { FoundFacets } from './facets.ts';
import type { Found, FoundDocument } from './search.ts';

export const SEARCH_WRITE = { ensure: 0, drop: 1, empty: 2, point: 3, change: 4, sweep: 5 } as const;
export const SEARCH_READ = { indexes: 0, search: 1, suggest: 2, document: 3, upkeep: 4 } as const;
export const CHANGE_KIND = { put: 0, delete: 1 } as const;
export const OUTCOME = { written: 0, outdated: 1, refused: 2 } as const;

export function packFound(out: ByteWriter, { documents, total, isExact, next, facets }: Found): void {
  out.f64(total);
  out.u8(isExact ? 1 : 0);
  out.text(next ?? null);
  out.json(facets);
  packList(out, documents, ({ id, version, score, document, highlights }) => {
    out.text(id);
    out.f64(version);
    out.f64(score);
    out.text(document);
    packList(out, highlights, ({ field, fragments }) => {
      out.text(field);
      packList(out, fragments, fragment =>
        packList(out, fragment, part => {
          out.text(part.text);
          out.u8(part.isMatch ? 1 : 0);
        }),
      );
    });
  });
}

export function unpackFound(from: ByteReader): Found {
  const total = from.f64();
  const isExact = from.u8() === 1;
  const next = from.textOrNull() ?? undefined;
  // This process has packed it.
  const facets = from.json() as FoundFacets;
  const documents = unpackList(
    from,
    (): FoundDocument => ({
      id: from.text(),
      version: from.f64(),
      score: from.f64(),
      document: from.text(),
      highlights: unpackList(from, () => ({
        field: from.text(),
        fragments: unpackList(
          from,
          (): Fragment => unpackList(from, () => ({ text: from.text(), isMatch: from.u8() === 1 })),
        ),
      })),
    }),
  );
  return { total, isExact, next, facets, documents };
}

export function packList<T>(out: ByteWriter, items: readonly T[], pack: (item: T) => void): void {
  out.u32(items.length);
  for (const item of items) pack(item);
}

export function unpackList<T>(from: ByteReader, unpack: () => T): T[] {
  const items: T[] = [];
  for (let count = from.u32(); count > 0; count--) items.push(unpack());
  return items;
}
