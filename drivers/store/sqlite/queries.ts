// Reading rows, rankings, feeds, counters, positions and scopes: how each question is packed and its answer taken apart.

import type { ByteReader } from '../../sqlite/bytes.ts';
import { toFeedCursor } from '../feed-cursor.ts';
import { assertName, assertWhole, MAX_PAGE } from '../limits.ts';
import type { Ranked, Rankings } from '../rankings.ts';
import { rangeOf } from '../scan-range.ts';
import type { Store } from '../store.ts';
import type { Calls } from './calls.ts';
import { STORE_READ, unpackBytes, unpackMaybe, unpackMaybeBytes, unpackRow } from './wire.ts';

type Queries = Pick<Store, 'row' | 'rows' | 'scan' | 'feed' | 'counter' | 'position' | 'scopes'> & Rankings;

export function createSqliteQueries(read: Calls['read']): Queries {
  /** Names first, as every question has them. */
  const ask = <T>(
    operation: number,
    names: readonly string[],
    numbers: readonly number[],
    unpack: (reply: ByteReader) => T,
  ) => {
    for (const name of names) assertName('A name', name);
    return read(
      operation,
      out => {
        for (const name of names) out.text(name);
        for (const number of numbers) out.u32(number);
      },
      unpack,
    );
  };
  const rows: Queries['rows'] = async (scope, table, keys) => {
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
          return { next, rows: list(reply, () => ({ ...unpackRow(reply), position: reply.text() })) };
        },
      );
    },
    async top(scope, ranking, { limit, from = 1 }) {
      assertPage(limit);
      assertWhole('The rank', from, 1, 2 ** 31);
      return await ask(STORE_READ.top, [scope, ranking], [from - 1, limit], unpackRanked);
    },
    async around(scope, ranking, member, { before, after }) {
      assertWhole('The number of better ones', before, 0, MAX_PAGE);
      assertWhole('The number of worse ones', after, 0, MAX_PAGE);
      return await ask(STORE_READ.around, [scope, ranking, member], [before, after], unpackRanked);
    },
    rankingSize: async (scope, ranking) =>
      await ask(STORE_READ.rankingSize, [scope, ranking], [], reply => reply.f64()),
    async feed(scope, feed, owner, { limit, after }) {
      for (const name of [scope, feed, owner]) assertName('A name', name);
      assertPage(limit);
      return await read(
        STORE_READ.feed,
        out => {
          out.text(scope);
          out.text(feed);
          out.text(owner);
          out.text(after ?? null);
          out.u32(limit);
        },
        reply => {
          const next = reply.textOrNull() ?? undefined;
          return {
            next,
            entries: list(reply, () => {
              const [id, at] = [reply.text(), reply.f64()];
              return { id, at, value: unpackBytes(reply), position: toFeedCursor({ at, id }) };
            }),
          };
        },
      );
    },
    counter: async (scope, name) => await ask(STORE_READ.counter, [scope, name], [], reply => reply.f64()),
    async position(scope, consumer, partition) {
      for (const name of [scope, consumer]) assertName('A name', name);
      assertWhole('The partition', partition, 0, Number.MAX_SAFE_INTEGER);
      return await read(
        STORE_READ.position,
        out => {
          out.text(scope);
          out.text(consumer);
          out.f64(partition);
        },
        unpackMaybe,
      );
    },
    async scopes(prefix, { limit, after = '' }) {
      assertPage(limit);
      return await read(
        STORE_READ.scopes,
        out => {
          out.text(prefix);
          out.text(after);
          out.u32(limit);
        },
        reply => list(reply, () => reply.text()),
      );
    },
  };
}

function list<T>(reply: ByteReader, item: () => T): T[] {
  const items: T[] = [];
  for (let count = reply.u32(); count > 0; count--) items.push(item());
  return items;
}

function unpackRanked(reply: ByteReader): Ranked[] {
  return list(reply, () => ({
    member: reply.text(),
    score: reply.f64(),
    rank: reply.f64(),
    value: unpackMaybeBytes(reply),
  }));
}

function assertPage(limit: number): void {
  assertWhole('The limit', limit, 1, MAX_PAGE);
}
