// Reading rows, rankings, feeds, counters and positions in Redis: one script each.
import { fromFeedCursor, toFeedCursor } from '../feed-cursor.ts';
import {
  assertFinite,
  assertName,
  assertPage,
  assertSets,
  assertWhole,
  MAX_COUNTED,
  MAX_PAGE,
  MAX_PAGE_BYTES,
} from '../limits.ts';
import { mergePages } from '../merge-pages.ts';
import type { Ranked } from '../rankings.ts';
import { type Range, rangeOf, toPosition } from '../scan-range.ts';
import type { Store } from '../store.ts';
import { bytesReply, listOf, maybe, numberReply, textReply } from './replies.ts';
import type { Run } from './run.ts';

type Queries = Pick<
  Store,
  | 'row'
  | 'rows'
  | 'scan'
  | 'scanSets'
  | 'countRows'
  | 'feed'
  | 'counter'
  | 'position'
  | 'top'
  | 'around'
  | 'aroundPlace'
  | 'rankingSize'
>;

export function createRedisQueries(run: Run): Queries {
  const rows: Queries['rows'] = async (scope, table, keys) => {
    assertNames(scope, table, ...keys);
    assertWhole('The number of keys', keys.length, 0, MAX_PAGE);
    if (keys.length === 0) return [];
    const found = listOf(await run('rows', scope, [table, ...keys]));
    return keys.map((key, at) => maybe(found[at], row => ({ key, ...versionedOf(row) })));
  };
  const scan: Queries['scan'] = async (scope, table, asked) => {
    assertNames(scope, table, asked.index ?? table);
    assertPage(asked.limit);
    const paging = [asked.reverse ? '1' : '0', String(asked.limit), String(MAX_PAGE_BYTES)];
    const args = [...rangeArgs(table, asked.index, rangeOf(asked)), ...paging];
    const [more, found] = listOf(await run('scan', scope, args));
    const read = listOf(found).map(row => {
      const [key, version, value, place] = listOf(row);
      return {
        key: textReply(key),
        version: textReply(version),
        value: bytesReply(value),
        position: toPosition(bytesReply(place)),
      };
    });
    return { rows: read, next: more === 1 ? read.at(-1)?.position : undefined };
  };
  return {
    rows,
    scan,
    // Scopes are on servers of their own.
    async scanSets(sets, table, paging) {
      assertSets(sets, table, paging);
      const pages = sets.map(({ scope, ...set }) => scan(scope, table, { ...set, ...paging }));
      return mergePages(await Promise.all(pages), paging);
    },
    async row(scope, table, key) {
      const [row] = await rows(scope, table, [key]);
      return row;
    },
    async countRows(scope, table, set, most) {
      assertNames(scope, table, set.index ?? table);
      assertWhole('The most rows that are counted', most, 1, MAX_COUNTED);
      const args = [...rangeArgs(table, set.index, rangeOf({ ...set, limit: 1 })), String(most)];
      const count = numberReply(await run('countRows', scope, args));
      return count > most ? undefined : count;
    },
    async top(scope, ranking, { limit, from = 1 }) {
      assertNames(scope, ranking);
      assertPage(limit);
      assertWhole('The rank', from, 1, 2 ** 31);
      return rankedOf(await run('top', scope, [ranking, String(from - 1), String(limit)]));
    },
    async around(scope, ranking, member, { before, after }) {
      assertNames(scope, ranking, member);
      assertWhole('The number of better ones', before, 0, MAX_PAGE);
      assertWhole('The number of worse ones', after, 0, MAX_PAGE);
      return rankedOf(await run('around', scope, [ranking, member, String(before), String(after)]));
    },
    async aroundPlace(scope, ranking, { member, score }, { before, after }) {
      assertNames(scope, ranking, member);
      assertFinite('The score of the place', score);
      assertWhole('The number of better ones', before, 0, MAX_PAGE);
      assertWhole('The number of others', after, 0, MAX_PAGE);
      const args = [ranking, String(0 - score), member, String(before), String(after)];
      const [ahead, found] = listOf(await run('aroundPlace', scope, args));
      return { ahead: numberReply(ahead), ranked: rankedOf(found) };
    },
    async rankingSize(scope, ranking) {
      assertNames(scope, ranking);
      return numberReply(await run('rankingSize', scope, [ranking]));
    },
    async feed(scope, feed, owner, { limit, after }) {
      assertNames(scope, feed, owner);
      assertPage(limit);
      const cursor = after === undefined ? undefined : fromFeedCursor(after);
      const behind = cursor ? ['1', String(cursor.at), cursor.id] : ['0', '', ''];
      const [more, found] = listOf(
        await run('feed', scope, [feed, owner, ...behind, String(limit), String(MAX_PAGE_BYTES)]),
      );
      const entries = listOf(found).map(entry => {
        const [id, at, value] = listOf(entry);
        const place = { id: textReply(id), at: numberReply(at) };
        return { ...place, value: bytesReply(value), position: toFeedCursor(place) };
      });
      return { entries, next: more === 1 ? entries.at(-1)?.position : undefined };
    },
    async counter(scope, name) {
      assertNames(scope, name);
      return numberReply(await run('counter', scope, [name]));
    },
    async position(scope, consumer, partition) {
      assertNames(scope, consumer);
      assertWhole('The partition', partition, 0, Number.MAX_SAFE_INTEGER);
      return maybe(await run('position', scope, [`${partition}:${consumer}`]), numberReply);
    },
  };
}

/** A script's answer for a row: its version and its value. */
export function versionedOf(reply: unknown): { readonly version: string; readonly value: Uint8Array } {
  const [version, value] = listOf(reply);
  return { version: textReply(version), value: bytesReply(value) };
}

function rangeArgs(table: string, index: string | undefined, { lower, upper }: Range): (string | Buffer)[] {
  return [table, index ?? '', Buffer.from(lower), upper ? '1' : '0', Buffer.from(upper ?? '')];
}

function rankedOf(reply: unknown): Ranked[] {
  return listOf(reply).map(ranked => {
    const [member, negated, rank, value] = listOf(ranked);
    return {
      member: textReply(member),
      score: 0 - numberReply(negated),
      rank: numberReply(rank),
      value: maybe(value, bytesReply),
    };
  });
}

function assertNames(...names: readonly string[]): void {
  for (const name of names) assertName('A name', name);
}
