// Opens what a platform keeps: log, store, search index and blobs, each in the service that is configured for it, else in a database of its own.
import { accessSync, constants, mkdirSync } from 'node:fs';
import type { World } from '../core/world.ts';
import type { BlobStore } from '../drivers/blob-store/blob-store.ts';
import type { EventLog } from '../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../drivers/search-index/search-index.ts';
import type { Store } from '../drivers/store/store.ts';
import type { Config } from './config/schema.ts';
import type { GatewayLogEntry } from './platform-events.ts';
import { createEmbedded } from './storage/embedded.ts';
import { openRedis } from './storage/open-services.ts';
import { type Service, watchServices } from './storage/watch-services.ts';

/** What is kept outside; all that is left out is embedded. */
export type Services = Partial<Pick<Config, 'store'>>;

export interface Storage {
  /** For what this process keeps for itself: the database, copies of files that it works with. */
  readonly folder: string;
  readonly log: EventLog;
  readonly store: Store;
  readonly search: SearchIndex;
  readonly blobs: BlobStore;
  /** Of this opening, where only one process can use the store: whoever marked something in it with another one has ended. */
  readonly epoch: string | undefined;
  /** Services that cannot be used, one sentence each. */
  reasons(): string[];
  close(): Promise<void>;
}

type Kept = Pick<Service, 'health'> & { close(): Promise<void> };

/**
 * Undefined where the folder cannot be written: then nothing is kept. A service that cannot be reached is no reason not to start: it is tried on, and
 * what needs it fails meanwhile. Rejects with `storage-unusable`, `data-corrupt` or `conflict` (another process has the database) and a message
 * that says what to do.
 */
export async function openStorage(
  world: World,
  folder: string,
  { store: { redis } = {} }: Services = {},
  log: (entry: GatewayLogEntry) => void = () => {},
): Promise<Storage | undefined> {
  if (!canWrite(folder)) return undefined;
  const embedded = createEmbedded(world, folder);
  const services: Service[] = [];
  const opened: { close(): Promise<void> }[] = [embedded];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  };
  const open = async <T extends Kept>(
    name: string,
    outside: (() => Promise<T>) | undefined,
    inside: () => Promise<T>,
  ) => {
    const one = await (outside ?? inside)();
    opened.push(one);
    if (outside) services.push({ name, health: () => one.health() });
    return one;
  };
  try {
    const eventLog = await open('', undefined, embedded.log);
    const store = await open('Redis (store)', redis && (() => openRedis(world, redis)), embedded.store);
    const search = await open('', undefined, embedded.search);
    const blobs = await open('', undefined, embedded.blobs);
    const watch = await watchServices(world, services, log);
    return {
      folder,
      log: eventLog,
      store,
      search,
      blobs,
      epoch: redis ? undefined : world.id(),
      reasons: watch.reasons,
      async close() {
        watch.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function canWrite(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
