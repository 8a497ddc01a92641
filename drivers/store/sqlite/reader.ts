// Answers what is read from the store's tables, in a thread that only reads.
import type { DatabaseSync } from 'node:sqlite';
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import { numberColumn } from '../../sqlite/columns.ts';
import type { ModuleReader } from '../../sqlite/module.ts';
import type { Ranked } from '../rankings.ts';
import type { Range } from '../scan-range.ts';
import type { Page } from '../tables.ts';
import { openCounterReader } from './counters.ts';
import { openFeedReader } from './feeds.ts';
import { openPositionReader } from './folds.ts';
import { getKey } from './keys.ts';
import { openRankingReader } from './rankings.ts';
import { openRowReader } from './rows.ts';
import { openScanner, type RowRange } from './scans.ts';
import { openScopeReader } from './scopes.ts';
import { openTimerReader } from './timers.ts';
import { packMaybe, packMaybeBytes, packRow, packStoreEntry, STORE_READ, unpackItems } from './wire.ts';

export function openStoreReader(db: DatabaseSync): ModuleReader {
  const readers = openReaders(db);
  return {
    read(request, reply) {
      const operation = request.u8();
      const now = request.f64();
      read(readers, operation, now, request, reply);
    },
  };
}

type Readers = ReturnType<typeof openReaders>;

function openReaders(db: DatabaseSync) {
  const clock = db.prepare('SELECT clock FROM store_meta');
  return {
    rows: openRowReader(db),
    scan: openScanner(db),
    rankings: openRankingReader(db),
    feeds: openFeedReader(db),
    counters: openCounterReader(db),
    positions: openPositionReader(db),
    scopes: openScopeReader(db),
    timers: openTimerReader(db),
    clock: () => numberColumn(clock.get() ?? {}, 'clock'),
  };
}

function read(readers: Readers, operation: number, now: number, request: ByteReader, reply: ByteWriter): void {
  switch (operation) {
    case STORE_READ.get:
      packStoreEntry(reply, getKey(readers.rows, request.text(), request.text(), now));
      return;
    case STORE_READ.rows: {
      const scope = request.text();
      const table = request.text();
      for (let count = request.u32(); count > 0; count--) {
        const row = readers.rows.get(scope, table, request.text(), now);
        reply.u8(row ? 1 : 0);
        if (row) packRow(reply, row);
      }
      return;
    }
    case STORE_READ.scan:
      readScan(readers, now, request, reply);
      return;
    case STORE_READ.scanSets:
      readSets(readers, now, request, reply);
      return;
    case STORE_READ.countRows:
      packMaybe(reply, readers.scan.count({ ...unpackRange(request), most: request.u32() }, now));
      return;
    case STORE_READ.top:
      packRanked(reply, readers.rankings.top(request.text(), request.text(), request.u32(), request.u32(), now));
      return;
    case STORE_READ.around: {
      const [scope, ranking, member] = [request.text(), request.text(), request.text()];
      packRanked(reply, readers.rankings.around(scope, ranking, member, request.u32(), request.u32(), now));
      return;
    }
    case STORE_READ.aroundPlace: {
      const [scope, ranking, member] = [request.text(), request.text(), request.text()];
      const place = { member, score: request.f64() };
      const found = readers.rankings.aroundPlace(scope, ranking, place, request.u32(), request.u32(), now);
      reply.f64(found.ahead);
      packRanked(reply, found.ranked);
      return;
    }
    case STORE_READ.rankingSize:
      reply.f64(readers.rankings.size(request.text(), request.text(), now));
      return;
    case STORE_READ.feed: {
      const [scope, feed, owner] = [request.text(), request.text(), request.text()];
      const { entries, next } = readers.feeds.page(
        scope,
        feed,
        owner,
        request.textOrNull() ?? undefined,
        request.u32(),
        now,
      );
      reply.text(next ?? null);
      reply.u32(entries.length);
      for (const { id, at, value } of entries) {
        reply.text(id);
        reply.f64(at);
        reply.sized(value);
      }
      return;
    }
    case STORE_READ.counter:
      reply.f64(readers.counters.get(request.text(), request.text(), now));
      return;
    case STORE_READ.position:
      packMaybe(reply, readers.positions.get(request.text(), request.text(), request.f64()));
      return;
    case STORE_READ.scopes: {
      const scopes = readers.scopes.list(request.text(), request.text(), request.u32());
      reply.u32(scopes.length);
      for (const scope of scopes) reply.text(scope);
      return;
    }
    case STORE_READ.nextFree:
      packMaybe(reply, readers.timers.nextFree(request.text()));
      return;
    case STORE_READ.nextExpiry:
      packMaybe(reply, readers.scopes.nextExpiry());
      return;
    case STORE_READ.clock:
      reply.f64(readers.clock());
      return;
    default:
      throw new RangeError(`no operation ${operation}`);
  }
}

function unpackRange(request: ByteReader): RowRange {
  const scope = request.text();
  const table = request.text();
  const index = request.textOrNull() ?? undefined;
  return { scope, table, index, range: unpackBounds(request) };
}

function unpackBounds(request: ByteReader): Range {
  const lower = request.sized();
  return { lower, upper: request.u8() === 0 ? undefined : request.sized() };
}

function readScan(readers: Readers, now: number, request: ByteReader, reply: ByteWriter): void {
  const rows = unpackRange(request);
  const reverse = request.u8() === 1;
  packPage(reply, readers.scan.page({ ...rows, reverse, limit: request.u32() }, now));
}

function readSets(readers: Readers, now: number, request: ByteReader, reply: ByteWriter): void {
  const [table, index, reverse, limit] = [request.text(), request.text(), request.u8() === 1, request.u32()];
  const sets = unpackItems(request, () => ({ scope: request.text(), range: unpackBounds(request) }));
  packPage(reply, readers.scan.merged({ table, index, sets, reverse, limit }, now));
}

function packPage(reply: ByteWriter, page: Page): void {
  reply.text(page.next ?? null);
  reply.u32(page.rows.length);
  for (const row of page.rows) {
    packRow(reply, row);
    reply.text(row.position);
  }
}

function packRanked(reply: ByteWriter, ranked: readonly Ranked[]): void {
  reply.u32(ranked.length);
  for (const { member, score, rank, value } of ranked) {
    reply.text(member);
    reply.f64(score);
    reply.f64(rank);
    packMaybeBytes(reply, value);
  }
}
