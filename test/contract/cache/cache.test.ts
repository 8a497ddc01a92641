// The contract of the cache endpoint: the real one over a store in memory and over SQLite, and the
// one of `tenfold/testing`.
import { realWorld, type World } from '../../../core/world.ts';
import type { Keys } from '../../../drivers/store/store.ts';
import { createHttpTransport } from '../../../sdk/client/http-transport.ts';
import { createFakeCache } from '../../../sdk/testing/fake-cache.ts';
import { createFakeEndpoints } from '../../../sdk/testing/fake-endpoints.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { serveEndpoints } from '../../gateway/accept/serve-endpoints.ts';
import { describeClient } from './client-contract.ts';
import { describeCacheEndpoint } from './endpoint-contract.ts';
import type { CacheSubject } from './subject.ts';

/** Time that goes on by itself, and by leaps. */
function createLeapingWorld() {
  let passed = 0;
  const world: World = {
    ...realWorld,
    now: () => realWorld.now() + passed,
    monotonic: () => realWorld.monotonic() + passed,
  };
  return {
    world,
    pass(ms: number) {
      passed += ms;
    },
  };
}

async function openEndpoint(openStore: (world: World) => Promise<{ keys: Keys; close(): Promise<void> }>) {
  const { world, pass } = createLeapingWorld();
  const store = await openStore(world);
  const served = await serveEndpoints('', createFakeLog(), { world, store: store.keys });
  const transport = createHttpTransport({
    url: served.internal,
    keyHeader: { name: 'tenfold-key', value: () => served.key },
  });
  return {
    transport,
    pass,
    async close() {
      await served.close();
      await store.close();
    },
  };
}

const inMemory = () => openEndpoint(async world => ({ keys: createFakeStore(world), close: async () => {} }));

const onSqlite = () =>
  openEndpoint(async world => {
    const folder = temporaryFolder();
    const store = await openStore(folder.file, world);
    return {
      keys: store,
      async close() {
        await store.close();
        folder.remove();
      },
    };
  });

async function inTests(): Promise<CacheSubject> {
  const cache = createFakeCache();
  const recorded = { invoked: [], published: [], enqueued: [], queried: [], blobs: new Map() };
  const transport = createFakeEndpoints({}, recorded, cache, () => {
    throw new Error('no function is called');
  });
  return { transport, pass: cache.pass, close: async () => {} };
}

for (const [name, open] of [
  ['the endpoint, over keys in memory', inMemory],
  ['the endpoint, over SQLite', onSqlite],
  ['the fake of tenfold/testing', inTests],
] as const) {
  describe(`cache: ${name}`, () => {
    describe('over HTTP', () => describeCacheEndpoint(open));
    describe('as context.cache', () => describeClient(open));
  });
}
