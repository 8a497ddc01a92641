// Reading rankings: how each question is packed and its answer taken apart.
import type { ByteReader } from '../../../sqlite/bytes.ts';
import { assertFinite, assertName, assertPage, assertWhole, MAX_PAGE } from '../../limits.ts';
import type { Ranked, Rankings } from '../../rankings.ts';
import { packTexts, STORE_READ, unpackItems, unpackMaybeBytes } from '../wire.ts';
import type { Calls } from './calls.ts';

export function createSqliteRankings(read: Calls['read']): Rankings {
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
  return {
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
    async aroundPlace(scope, ranking, { member, score }, { before, after }) {
      for (const name of [scope, ranking, member]) assertName('A name', name);
      assertFinite('The score of the place', score);
      assertWhole('The number of better ones', before, 0, MAX_PAGE);
      assertWhole('The number of others', after, 0, MAX_PAGE);
      return await read(
        STORE_READ.aroundPlace,
        out => {
          packTexts(out, scope, ranking, member);
          out.f64(score);
          out.u32(before);
          out.u32(after);
        },
        reply => ({ ahead: reply.f64(), ranked: unpackRanked(reply) }),
      );
    },
    rankingSize: async (scope, ranking) =>
      await ask(STORE_READ.rankingSize, [scope, ranking], [], reply => reply.f64()),
  };
}

function unpackRanked(reply: ByteReader): Ranked[] {
  return unpackItems(reply, () => ({
    member: reply.text(),
    score: reply.f64(),
    rank: reply.f64(),
    value: unpackMaybeBytes(reply),
  }));
}
