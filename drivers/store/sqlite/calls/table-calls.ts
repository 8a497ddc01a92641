// Reading rows: how each question is packed and its answer taken apart.
import { assertName, assertPage, assertWhole, MAX_PAGE } from '../../limits.ts';
import { rangeOf } from '../../scan-range.ts';
import type { Tables } from '../../tables.ts';
import { STORE_READ, unpackItems, unpackRow } from '../wire.ts';
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
      const { lower, upper } = rangeOf(scan);
      return await read(
        STORE_READ.scan,
        out => {
          out.text(scope);
          out.text(table);
          out.text(scan.index ?? null);
          out.sized(lower);
          out.u8(upper ? 1 : 0);
          if (upper) out.sized(upper);
          out.u8(scan.reverse ? 1 : 0);
          out.u32(scan.limit);
        },
        reply => {
          const next = reply.textOrNull() ?? undefined;
          return { next, rows: unpackItems(reply, () => ({ ...unpackRow(reply), position: reply.text() })) };
        },
      );
    },
  };
}
