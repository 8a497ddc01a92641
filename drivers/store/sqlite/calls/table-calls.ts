// Reading rows: how each question is packed and its answer taken apart.
import type { ByteWriter } from '../../../sqlite/bytes.ts';
import { assertName, assertPage, assertWhole, MAX_COUNTED, MAX_PAGE } from '../../limits.ts';
import { type Range, rangeOf } from '../../scan-range.ts';
import type { Tables } from '../../tables.ts';
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
        reply => {
          const next = reply.textOrNull() ?? undefined;
          return { next, rows: unpackItems(reply, () => ({ ...unpackRow(reply), position: reply.text() })) };
        },
      );
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

type Names = readonly [scope: string, table: string, index: string | undefined];

function packRange(out: ByteWriter, [scope, table, index]: Names, { lower, upper }: Range): void {
  out.text(scope);
  out.text(table);
  out.text(index ?? null);
  out.sized(lower);
  out.u8(upper ? 1 : 0);
  if (upper) out.sized(upper);
}
