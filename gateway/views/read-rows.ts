// Reads a table that is kept in several scopes: a row where its key belongs, a
// page merged from all of them.
import { VIEW_ROWS, type ViewLayout } from '../../core/views/view-layout.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import type { Page, Row, ScannedRow, Tables } from '../../drivers/store/tables.ts';
import type { Value } from '../../drivers/store/values.ts';

export interface RowsQuery {
  readonly index: string;
  readonly prefixes: readonly (readonly Value[])[];
  readonly limit: number;
  readonly reverse: boolean;
  readonly after: string | undefined;
}

export function readRow(store: Pick<Tables, 'row'>, layout: ViewLayout, key: string): Promise<Row | undefined> {
  return store.row(layout.scopeOf(partitionOf(key, layout.partitions)), VIEW_ROWS, key);
}

export async function readRows(store: Pick<Tables, 'scan'>, layout: ViewLayout, query: RowsQuery): Promise<Page> {
  const { index, prefixes, limit, reverse, after } = query;
  const scans: Promise<Page>[] = [];
  for (let partition = 0; partition < layout.partitions; partition++) {
    for (const prefix of prefixes) {
      scans.push(store.scan(layout.scopeOf(partition), VIEW_ROWS, { index, prefix, limit, reverse, after }));
    }
  }
  return mergePages(await Promise.all(scans), limit, reverse);
}

/**
 * Pages of one order over different rows, as one page. Behind the end of a page that
 * goes on nothing is known.
 */
export function mergePages(pages: readonly Page[], limit: number, reverse: boolean): Page {
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
