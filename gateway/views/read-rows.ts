// Reads a table that is kept in several scopes: a row where its key belongs, a page or a count
// merged from all of them.
import { TenfoldError } from '../../core/errors.ts';
import { VIEW_ROWS, type ViewLayout } from '../../core/views/view-layout.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import type { Page, Row, ScopedRows, Tables } from '../../drivers/store/tables.ts';
import type { IndexRows, RowsQuery, ValueRange } from './rows-query.ts';

/** Rows that one question counts, and bytes of the rows that one asks for by their keys. */
const MOST_COUNTED = 100_000;
const MAX_KEYS_BYTES = 16 * 1024 * 1024;
/** So many of the largest rows are held beyond the bound. */
const KEYS_OF_A_READ = 16;

export function readRow(store: Pick<Tables, 'row'>, layout: ViewLayout, key: string): Promise<Row | undefined> {
  return store.row(layout.scopeOf(partitionOf(key, layout.partitions)), VIEW_ROWS, key);
}

/** In the order of the keys, without those that are not there. */
export async function readKeys(
  store: Pick<Tables, 'rows'>,
  layout: ViewLayout,
  keys: readonly string[],
): Promise<readonly Row[]> {
  const found: Row[] = [];
  let bytes = 0;
  for (let begin = 0; begin < keys.length; begin += KEYS_OF_A_READ) {
    for (const row of await readSome(store, layout, keys.slice(begin, begin + KEYS_OF_A_READ))) {
      bytes += row.value.byteLength;
      if (bytes > MAX_KEYS_BYTES) {
        const message = `The rows that "keys" asks for have more than ${MAX_KEYS_BYTES} bytes together. Ask for fewer keys at a time.`;
        throw new TenfoldError('query-too-large', message);
      }
      found.push(row);
    }
  }
  return found;
}

async function readSome(store: Pick<Tables, 'rows'>, layout: ViewLayout, keys: readonly string[]): Promise<Row[]> {
  const byPartition = Map.groupBy(keys, key => partitionOf(key, layout.partitions));
  const reads = [...byPartition].map(([partition, those]) => store.rows(layout.scopeOf(partition), VIEW_ROWS, those));
  const rows = new Map((await Promise.all(reads)).flat().map(row => [row?.key, row]));
  return keys.flatMap(key => rows.get(key) ?? []);
}

export function readRows(store: Pick<Tables, 'scanSets'>, layout: ViewLayout, query: RowsQuery): Promise<Page> {
  const { index, limit, reverse, after } = query;
  return store.scanSets(setsOf(layout, query), VIEW_ROWS, { index, limit, reverse, after });
}

/** Exact, or refused. */
export async function countRows(
  store: Pick<Tables, 'countRows'>,
  layout: ViewLayout,
  query: IndexRows,
): Promise<number> {
  const { index } = query;
  const counts = await Promise.all(
    setsOf(layout, query).map(({ scope, ...set }) =>
      store.countRows(scope, VIEW_ROWS, { ...set, index }, MOST_COUNTED),
    ),
  );
  let sum = 0;
  for (const count of counts) sum += count ?? Number.POSITIVE_INFINITY;
  if (sum <= MOST_COUNTED) return sum;
  const message = `"count" counts up to ${MOST_COUNTED} rows, and more match. Narrow them by "value", "from" or "to".`;
  throw new TenfoldError('query-too-large', message);
}

type Asked = Omit<IndexRows, 'ranges'> & { readonly ranges?: readonly (ValueRange | undefined)[] };

/** They have no row in common. */
function setsOf(layout: ViewLayout, { prefixes, ranges = [undefined] }: Asked): readonly ScopedRows[] {
  const sets: ScopedRows[] = [];
  for (let partition = 0; partition < layout.partitions; partition++) {
    const scope = layout.scopeOf(partition);
    for (const prefix of prefixes) for (const range of ranges) sets.push({ scope, prefix, ...range });
  }
  return sets;
}
