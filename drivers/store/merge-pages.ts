// Pages of one order over different rows, as one page.
import type { IndexPaging, Page, ScannedRow } from './tables.ts';

/** Behind the end of a page that goes on nothing is known. */
export function mergePages(pages: readonly Page[], { limit, reverse = false }: Omit<IndexPaging, 'index'>): Page {
  const [only] = pages;
  if (only !== undefined && pages.length === 1) return only;
  const compare = (a: string, b: string) => (a === b ? 0 : a < b !== reverse ? -1 : 1);
  const ends = pages.flatMap(({ rows, next }) => (next === undefined ? [] : [rows.at(-1)?.position ?? next]));
  const [known] = ends.sort(compare);
  const rows: ScannedRow[] = pages
    .flatMap(page => page.rows)
    .filter(({ position }) => known === undefined || compare(position, known) <= 0)
    .sort((a, b) => compare(a.position, b.position));
  const taken = rows.slice(0, limit);
  const more = rows.length > limit || known !== undefined;
  return { rows: taken, next: more ? (taken.at(-1)?.position ?? known) : undefined };
}
