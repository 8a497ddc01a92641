// Rankings in SQLite: scores are changed one by one, the size is counted along, what is
// beyond the limit goes at once.
import type { DatabaseSync } from 'node:sqlite';
import { maybeBytesColumn, numberColumn, type SqlRow, textColumn } from '../../sqlite/columns.ts';
import type { Score } from '../changes.ts';
import { assertFinite } from '../limits.ts';
import type { PlaceWindow, Ranked, RankedPlace } from '../rankings.ts';
import { assertIntact, rowChecksum } from './checksum.ts';
import type { WriteContext } from './context.ts';

const ALIVE = '(expires IS NULL OR expires > ?)';
/** Better ones first. */
const ORDER = 'ORDER BY score DESC, member';

export interface RankingReader {
  top(scope: string, name: string, skip: number, limit: number, now: number): readonly Ranked[];
  around(scope: string, name: string, member: string, before: number, after: number, now: number): readonly Ranked[];
  aroundPlace(scope: string, name: string, place: RankedPlace, before: number, after: number, now: number): PlaceWindow;
  size(scope: string, name: string, now: number): number;
}

export function openRankingReader(db: DatabaseSync): RankingReader {
  const find = db.prepare(`SELECT id, size FROM store_ranking WHERE scope = ? AND name = ? AND ${ALIVE}`);
  const page = db.prepare(
    `SELECT member, score, crc, value FROM store_ranked WHERE ranking = ? ${ORDER} LIMIT ? + 0 OFFSET ?`,
  );
  const scoreOf = db.prepare('SELECT score FROM store_ranked WHERE ranking = ? AND member = ?');
  const better = db.prepare(
    'SELECT (SELECT count(*) FROM store_ranked WHERE ranking = ?1 AND score > ?2) + (SELECT count(*) FROM store_ranked WHERE ranking = ?1 AND score = ?2 AND member < ?3) AS count',
  );
  const read = (ranking: number, skip: number, limit: number) =>
    page.all(ranking, limit, skip).map((row, index) => toRanked(ranking, row, skip + index + 1));
  const aheadOf = (ranking: number, { member, score }: RankedPlace) =>
    numberColumn(better.get(ranking, score, member) ?? {}, 'count');
  return {
    top(scope, name, skip, limit, now) {
      const ranking = find.get(scope, name, now);
      return ranking ? read(numberColumn(ranking, 'id'), skip, limit) : [];
    },
    around(scope, name, member, before, after, now) {
      const ranking = find.get(scope, name, now);
      if (!ranking) return [];
      const id = numberColumn(ranking, 'id');
      const found = scoreOf.get(id, member);
      if (!found) return [];
      const ahead = aheadOf(id, { member, score: numberColumn(found, 'score') });
      const skip = Math.max(0, ahead - before);
      return read(id, skip, ahead - skip + 1 + after);
    },
    aroundPlace(scope, name, place, before, after, now) {
      const ranking = find.get(scope, name, now);
      if (!ranking) return { ahead: 0, ranked: [] };
      const id = numberColumn(ranking, 'id');
      const ahead = aheadOf(id, place);
      const skip = Math.max(0, ahead - before);
      return { ahead, ranked: read(id, skip, ahead - skip + after) };
    },
    size(scope, name, now) {
      const ranking = find.get(scope, name, now);
      return ranking ? numberColumn(ranking, 'size') : 0;
    },
  };
}

function toRanked(ranking: number, row: SqlRow, rank: number): Ranked {
  const member = textColumn(row, 'member');
  const score = numberColumn(row, 'score');
  const value = maybeBytesColumn(row, 'value');
  assertIntact(value ?? NOTHING, numberColumn(row, 'crc'), ranking, member, score);
  return { member, score, rank, value };
}

export interface RankingWriter {
  score(scope: string, change: Score, value: Uint8Array | undefined): void;
  unrank(scope: string, name: string, member: string): void;
  sweep(limit: number): number;
  drop(scope: string, limit: number): number;
}

export function openRankingWriter(context: WriteContext): RankingWriter {
  const { db } = context;
  const find = db.prepare('SELECT id, size, expires FROM store_ranking WHERE scope = ? AND name = ?');
  const create = db.prepare('INSERT INTO store_ranking (scope, name, size, expires) VALUES (?, ?, 0, ?) RETURNING id');
  const change = db.prepare('UPDATE store_ranking SET size = ?, expires = ? WHERE id = ?');
  const resize = db.prepare('UPDATE store_ranking SET size = size - ? WHERE id = ?');
  const get = db.prepare('SELECT member, score, crc, value FROM store_ranked WHERE ranking = ? AND member = ?');
  const put = db.prepare(
    'INSERT INTO store_ranked VALUES (?, ?, ?, ?, ?) ON CONFLICT (ranking, member) DO UPDATE SET score = excluded.score, crc = excluded.crc, value = excluded.value',
  );
  const remove = db.prepare('DELETE FROM store_ranked WHERE ranking = ? AND member = ?');
  const worst = db.prepare('SELECT member FROM store_ranked WHERE ranking = ? ORDER BY score, member DESC LIMIT ? + 0');
  const some = db.prepare('SELECT member FROM store_ranked WHERE ranking = ? LIMIT ? + 0');
  const forget = db.prepare('DELETE FROM store_ranking WHERE id = ?');
  // Out of the way of a new one of its name, since removing many members takes a while;
  // the sweep finds it there.
  const bury = db.prepare("UPDATE store_ranking SET scope = '', name = id WHERE id = ?");
  const over = db.prepare('SELECT id FROM store_ranking WHERE expires <= ? ORDER BY expires LIMIT 1');
  const ofScope = db.prepare('SELECT id FROM store_ranking WHERE scope = ? LIMIT 1');

  const removeMembers = (ranking: number, members: readonly SqlRow[]) => {
    for (const row of members) remove.run(ranking, textColumn(row, 'member'));
    return members.length;
  };
  /** Some members of a ranking that goes; then the ranking. */
  const shrink = (ranking: SqlRow | undefined, limit: number) => {
    if (!ranking) return 0;
    const id = numberColumn(ranking, 'id');
    const removed = removeMembers(id, some.all(id, limit));
    if (removed < limit) forget.run(id);
    else resize.run(removed, id);
    return Math.max(1, removed);
  };
  /** Undefined: there is none, or its time is over. */
  const alive = (scope: string, name: string) => {
    const met = find.get(scope, name);
    if (!met) return undefined;
    const expires = met['expires'];
    if (typeof expires !== 'number' || expires > context.now()) return met;
    bury.run(numberColumn(met, 'id'));
    return undefined;
  };

  return {
    score(scope, { ranking: name, member, score, mode, limit, ttlMs }, value) {
      const expires = ttlMs === undefined ? null : context.now() + ttlMs;
      const met = alive(scope, name);
      const id = numberColumn(met ?? create.get(scope, name, expires) ?? {}, 'id');
      const found = get.get(id, member);
      const before = found && toRanked(id, found, 0);
      const next = nextScore(before?.score, score, mode);
      assertFinite(`The score of '${member}'`, next);
      const shown = value ?? before?.value;
      put.run(id, member, next, rowChecksum(shown ?? NOTHING, id, member, next), shown ?? null);
      let size = (met ? numberColumn(met, 'size') : 0) + (before ? 0 : 1);
      if (size > limit) size -= removeMembers(id, worst.all(id, size - limit));
      change.run(size, expires, id);
    },
    unrank(scope, name, member) {
      const met = alive(scope, name);
      if (!met) return;
      const id = numberColumn(met, 'id');
      if (remove.run(id, member).changes > 0) resize.run(1, id);
    },
    sweep: limit => shrink(over.get(context.now()), limit),
    drop: (scope, limit) => shrink(ofScope.get(scope), limit),
  };
}

const NOTHING = Buffer.alloc(0);

/** Zero has no sign here, so that checksums and orders agree. */
function nextScore(before: number | undefined, score: number, mode: Score['mode']): number {
  if (before === undefined || mode === 'last') return score + 0;
  return mode === 'sum' ? before + score + 0 : Math.max(before, score) + 0;
}
