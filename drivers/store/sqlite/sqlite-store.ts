// Store over SQLite: checks and packs what is asked, and keeps the clock that everything is measured by.
import type { World } from '../../../core/world.ts';
import type { ByteWriter } from '../../sqlite/bytes.ts';
import type { Database } from '../../sqlite/database.ts';
import { startSweeper } from '../../sqlite/sweeper.ts';
import { assertChanges, assertFence } from '../assert-change.ts';
import { createStoreClock } from '../clock.ts';
import { assertName, assertTtl, assertValue, assertWhole } from '../limits.ts';
import type { Store } from '../store.ts';
import { createCalls } from './calls.ts';
import { packChange } from './change-wire.ts';
import { createMemoryBuckets } from './memory-buckets.ts';
import { createMemoryLeases } from './memory-leases.ts';
import { createSqliteQueries } from './queries.ts';
import { createSqliteTimers } from './timer-calls.ts';
import { packBytes, packMaybe, packTexts, STORE_READ, STORE_WRITE, unpackMaybe, unpackStoreEntry } from './wire.ts';

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
  const { write, read } = createCalls(client, clock);
  const sweeper = startSweeper({
    world,
    now: clock.now,
    nextExpiry: () => read(STORE_READ.nextExpiry, () => {}, unpackMaybe),
    sweep: () =>
      write(
        STORE_WRITE.sweep,
        0,
        out => out.u32(SLICE),
        reply => reply.u8() === 1,
      ),
  });

  return {
    ...createSqliteQueries(read),
    ...createSqliteTimers(read, write, clock.now),
    ...createMemoryLeases(clock, world.id()),
    ...createMemoryBuckets(clock),
    now: async () => clock.now(),
    async get(scope, key) {
      assertNames(scope, key);
      return await read(STORE_READ.get, out => packTexts(out, scope, key), unpackStoreEntry);
    },
    async put(scope, key, value, { ttlMs, when }) {
      assertNames(scope, key);
      assertTtl(`The time to live of '${key}'`, ttlMs);
      const bytes = assertValue(`The value of '${key}'`, value);
      return await write(
        STORE_WRITE.put,
        bytes + scope.length + key.length,
        out => {
          out.u8(when === undefined ? 0 : when === 'absent' ? 1 : 2);
          if (typeof when === 'object') out.text(when.version);
          out.text(scope);
          out.text(key);
          packBytes(out, value);
          out.f64(ttlMs);
        },
        reply =>
          reply.u8() === 1
            ? { written: true as const, version: reply.text() }
            : { written: false as const, entry: unpackStoreEntry(reply) },
      );
    },
    async delete(scope, key, when) {
      assertNames(scope, key);
      return await write(
        STORE_WRITE.delete,
        scope.length + key.length,
        out => {
          out.text(scope);
          out.text(key);
          out.text(when?.version ?? null);
        },
        reply => reply.u8() === 1,
      );
    },
    async count(scope, name, by, ttlMs) {
      assertNames(scope, name);
      assertWhole(`The amount added to '${name}'`, by, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      assertTtl(`The time to live of '${name}'`, ttlMs);
      return await write(
        STORE_WRITE.count,
        scope.length + name.length,
        out => {
          out.text(scope);
          out.text(name);
          out.f64(by);
          out.f64(ttlMs);
        },
        reply => reply.f64(),
      );
    },
    async apply(scope, changes, fence) {
      assertNames(scope);
      if (fence) assertFence(fence);
      const bytes = assertChanges(changes);
      return await write(
        STORE_WRITE.apply,
        bytes + changes.length * 64,
        out => {
          out.text(scope);
          out.u8(fence ? 1 : 0);
          if (fence) {
            out.text(fence.consumer);
            out.f64(fence.partition);
            packMaybe(out, fence.after);
            out.f64(fence.upTo);
          }
          out.u32(changes.length);
          for (const change of changes) packChange(out, change);
        },
        reply =>
          reply.u8() === 1 ? { applied: true as const } : { applied: false as const, position: unpackMaybe(reply) },
      );
    },
    async drop(scope) {
      assertNames(scope);
      const slice = (out: ByteWriter) => {
        out.text(scope);
        out.u32(SLICE);
      };
      while (await write(STORE_WRITE.drop, scope.length, slice, reply => reply.u8() === 1));
    },
    server: async () => 'own',
    keeper: async () => 'own',
    health: async () => database.health(),
    close: () => sweeper.close(),
  };
}

function assertNames(scope: string, ...names: readonly string[]): void {
  assertName('The scope', scope);
  for (const name of names) assertName('The name', name);
}
