// Reads a table of processes to its end: one answer of a store has a few MB at most.
import type { Row, Tables } from '../../drivers/store/tables.ts';

const PAGE = 10_000;

export async function allRows(store: Pick<Tables, 'scan'>, scope: string, table: string): Promise<Row[]> {
  const all: Row[] = [];
  for (let after: string | undefined; ; ) {
    const { rows, next } = await store.scan(scope, table, { limit: PAGE, after });
    all.push(...rows);
    if (next === undefined) return all;
    after = next;
  }
}
