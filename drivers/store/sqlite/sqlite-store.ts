// Store over SQLite: its calls by what they concern, and the clock that everything is measured by.
import type { World } from '../../../core/world.ts';
import type { Database } from '../../sqlite/database.ts';
import { startSweeper } from '../../sqlite/sweeper.ts';
import { createStoreClock } from '../clock.ts';
import type { Store } from '../store.ts';
import { createCalls } from './calls/calls.ts';
import { createSqliteCounters } from './calls/counter-calls.ts';
import { createSqliteFeeds } from './calls/feed-calls.ts';
import { createSqliteFolds } from './calls/fold-calls.ts';
import { createSqliteKeys } from './calls/key-calls.ts';
import { createSqliteRankings } from './calls/ranking-calls.ts';
import { createSqliteTables } from './calls/table-calls.ts';
import { createSqliteTimers } from './calls/timer-calls.ts';
import { createMemoryBuckets } from './memory-buckets.ts';
import { createMemoryLeases } from './memory-leases.ts';
import { STORE_READ, STORE_WRITE, unpackMaybe } from './wire.ts';

export interface SqliteStoreOptions {
  readonly database: Database;
  readonly world: World;
}

/** Rows that one request removes at most, so that no commit waits long for it. */
const SLICE = 500;

export async function openSqliteStore({ database, world }: SqliteStoreOptions): Promise<Store> {
  const client = database.client('store', 'store-unavailable');
  const floor = await client.read(
    out => {
      out.u8(STORE_READ.clock);
      out.f64(0);
    },
    reply => reply.f64(),
  );
  const clock = createStoreClock(world, floor);
  const calls = createCalls(client, clock);
  const sweeper = startSweeper({
    world,
    now: clock.now,
    nextExpiry: () => calls.read(STORE_READ.nextExpiry, () => {}, unpackMaybe),
    sweep: () =>
      calls.write(
        STORE_WRITE.sweep,
        0,
        out => out.u32(SLICE),
        reply => reply.u8() === 1,
      ),
  });

  return {
    ...createSqliteKeys(calls),
    ...createSqliteCounters(calls),
    ...createSqliteTables(calls.read),
    ...createSqliteRankings(calls.read),
    ...createSqliteFeeds(calls.read),
    ...createSqliteFolds(calls, SLICE),
    ...createSqliteTimers(calls.read, calls.write, clock.now),
    ...createMemoryLeases(clock, world.id()),
    ...createMemoryBuckets(clock),
    now: async () => clock.now(),
    keeper: async () => 'own',
    health: async () => database.health(),
    close: () => sweeper.close(),
  };
}
