// Reading rows: how each question is packed and its answer taken apart.
import type { ByteReader, ByteWriter } from '../../../sqlite/bytes.ts';
import { assertName, assertPage, assertSets, assertWhole, MAX_COUNTED, MAX_PAGE } from '../../limits.ts';
import { mergePages } from '../../merge-pages.ts';
import { type Range, rangeOf } from '../../scan-range.ts';
import type { IndexPaging, Page, ScopedRows, Tables } from '../../tables.ts';
import { STORE_READ, unpackItems, unpackMaybe, unpackRow } from '../wire.ts';
import type { Calls } from './calls.ts';

export function createSqliteTables(read: Calls['read']): Tables {
  const rows: Tables['rows'] = async (scope, table, keys) => {
    for (const name of [scope, table, ...keys]) assertName('A name', name);
    assertWhole('The number of keys', keys.length, 0, MAX_PAGE);
    return await read(
      STORE_READ.rows,
      out => {
        out.text(scope);
        out.text(table);
        out.u32(keys.length);
        for (const key of keys) out.text(key);
      },
      reply => keys.map(() => (reply.u8() === 1 ? unpackRow(reply) : undefined)),
    );
  };
  return {
    rows,
    async row(scope, table, key) {
      const [row] = await rows(scope, table, [key]);
      return row;
    },
    async scan(scope, table, scan) {
      for (const name of [scope, table, scan.index ?? table]) assertName('A name', name);
      assertPage(scan.limit);
      const range = rangeOf(scan);
      return await read(
        STORE_READ.scan,
        out => {
          packRange(out, [scope, table, scan.index], range);
          out.u8(scan.reverse ? 1 : 0);
          out.u32(scan.limit);
        },
        unpackPage,
      );
    },
    async scanSets(sets, table, paging) {
      assertSets(sets, table, paging);
      const pages: Promise<Page>[] = [];
      for (let begin = 0; begin < sets.length; begin += MERGED_SETS)
        pages.push(readSets(read, sets.slice(begin, begin + MERGED_SETS), table, paging));
      return mergePages(await Promise.all(pages), paging);
    },
    async countRows(scope, table, rows, most) {
      for (const name of [scope, table, rows.index ?? table]) assertName('A name', name);
      assertWhole('The most rows that are counted', most, 1, MAX_COUNTED);
      const range = rangeOf({ ...rows, limit: 1 });
      return await read(
        STORE_READ.countRows,
        out => {
          packRange(out, [scope, table, rows.index], range);
          out.u32(most);
        },
        unpackMaybe,
      );
    },
  };
}

/** SQLite takes at most 500 in one statement, and each number of them is a statement of its own. */
const MERGED_SETS = 64;

function readSets(
  read: Calls['read'],
  sets: readonly ScopedRows[],
  table: string,
  { index, limit, reverse, after }: IndexPaging,
): Promise<Page> {
  return read(
    STORE_READ.scanSets,
    out => {
      out.text(table);
      out.text(index);
      out.u8(reverse ? 1 : 0);
      out.u32(limit);
      out.u32(sets.length);
      for (const { scope, ...set } of sets) {
        out.text(scope);
        packBounds(out, rangeOf({ ...set, index, limit, reverse, after }));
      }
    },
    unpackPage,
  );
}

function unpackPage(reply: ByteReader): Page {
  const next = reply.textOrNull() ?? undefined;
  return { next, rows: unpackItems(reply, () => ({ ...unpackRow(reply), position: reply.text() })) };
}

type Names = readonly [scope: string, table: string, index: string | undefined];

function packRange(out: ByteWriter, [scope, table, index]: Names, range: Range): void {
  out.text(scope);
  out.text(table);
  out.text(index ?? null);
  packBounds(out, range);
}

function packBounds(out: ByteWriter, { lower, upper }: Range): void {
  out.sized(lower);
  out.u8(upper ? 1 : 0);
  if (upper) out.sized(upper);
}
