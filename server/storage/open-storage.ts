// Opens the storage of a platform: log, store, search index and blobs, each in its configured
// service, else in an own database.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceReport } from '../../admin/settings/settings-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { BlobStore, NotifiedBlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { EventIndex } from '../../drivers/event-index/event-index.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { createKafkaCounts, type KafkaCounts } from '../../drivers/event-log/kafka/counts.ts';
import type { Sharings } from '../../drivers/event-log/shared/shared-log.ts';
import type { SearchIndex } from '../../drivers/search-index/search-index.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import type { Store } from '../../drivers/store/store.ts';
import type { BackupSource } from '../backup/make-backup.ts';
import type { Config } from '../config/schema.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import { absentBlobs, absentSearch } from './absent.ts';
import { BLOB_FOLDER, createEmbedded, databaseThread, type Embedded } from './embedded.ts';
import { type OpenService, openHints, openKafka, openRedis, openS3, openSearch } from './open-services.ts';
import { type DiskFigures, type DiskWatch, watchDisk } from './watch-disk.ts';
import { type Service, type ServiceState, type ServiceWatch, watchServices } from './watch-services.ts';

/** The services that keep data outside this process. */
export type Services = Partial<Pick<Config, 'log' | 'store' | 'search' | 'blobs'>>;

export interface Storage {
  /** The folder of this process: the database, and copies of files that it works with. */
  readonly folder: string;
  readonly log: EventLog;
  /** Undefined where the log has none. */
  readonly index?: EventIndex | undefined;
  /** Whether events are to be indexed in `search`. */
  readonly indexesEvents?: boolean | undefined;
  /** Tells the log which topics are shared with others; undefined where there are none but ours. */
  readonly shareTopics?: ((topics: Sharings) => void) | undefined;
  readonly store: Store;
  readonly search: SearchIndex;
  readonly blobs: BlobStore;
  /** The services that are there, for resources that need one. */
  readonly has: { readonly kafka: boolean; readonly search: boolean; readonly blobs: boolean };
  /** The prefix of our names in Kafka. */
  readonly topicPrefix: string;
  /**
   * The topic in which the bucket announces writes of others, and the receiver of these; undefined
   * where it does not.
   */
  readonly bucketEvents?:
    | { readonly topic: string; readonly hear: NotifiedBlobStore['receiveNotification'] }
    | undefined;
  /** Undefined where the log is not in Kafka. */
  readonly kafkaCounts?: KafkaCounts | undefined;
  /** Hints to other processes that have the same store; undefined where there can be none. */
  readonly hints: Hints | undefined;
  /** Services that cannot be used, one sentence each. */
  reasons(): string[];
  /** Faults of the disk of `folder`, where anything is kept on it. */
  diskReasons(): string[];
  disk(): DiskFigures | undefined;
  /** The source of a back-up; undefined where nothing is kept in `folder`. */
  readonly backup: BackupSource | undefined;
  /** The service of each part, and whether it can be used. */
  parts(): readonly ServiceReport[];
  /** All services that were configured. */
  services(): readonly ServiceState[];
  close(): Promise<void>;
}

const PARTS = ['log', 'store', 'search', 'blobs'] as const;
const EMBEDDED = 'embedded';

type Log = (entry: GatewayLogEntry) => void;
type ManagedService = Pick<Service, 'health'> & { close(): Promise<void> };

/**
 * For a platform in one process: parts without a configured service are embedded, in `folder`.
 * Undefined where it cannot be written: then nothing is kept. An unreachable service does not
 * prevent the start: the platform tries on, and its users fail meanwhile. Rejects with
 * `storage-unusable`, `data-corrupt` or `conflict` (another process has the database) and a message
 * that names the next step.
 */
export async function openStorage(
  world: World,
  folder: string,
  services: Services = {},
  log: Log = () => {},
): Promise<Storage | undefined> {
  if (!canWrite(folder)) return undefined;
  return openAll(world, folder, createEmbedded(world, folder), services, log);
}

/**
 * For one of many processes: they share services, and nothing is embedded. Without `folder` it uses
 * one that ends with it.
 */
export async function openSharedStorage(
  world: World,
  folder: string | undefined,
  services: Services = {},
  log: Log = () => {},
): Promise<Storage> {
  const none = (what: string) => async (): Promise<never> => {
    throw new TenfoldError('storage-unusable', `No ${what} is configured that processes can share.`);
  };
  const own = folder ?? (await mkdtemp(join(tmpdir(), 'tenfold-')));
  const removed = async () => {
    if (folder === undefined) await rm(own, { recursive: true, force: true });
  };
  const absent: Embedded = {
    log: none('log'),
    store: none('store'),
    search: async () => absentSearch(),
    blobs: async () => absentBlobs(),
    database: () => undefined,
    close: removed,
  };
  const storage = await openAll(world, own, absent, services, log);
  const { search: { elasticsearch } = {}, blobs: { s3 } = {} } = services;
  return {
    ...storage,
    has: { ...storage.has, search: elasticsearch !== undefined, blobs: s3 !== undefined },
    parts: () => storage.parts().map(part => (part.driver === EMBEDDED ? { ...part, driver: 'none' } : part)),
  };
}

async function openAll(
  world: World,
  folder: string,
  embedded: Embedded,
  services: Services,
  log: Log,
): Promise<Storage> {
  const { log: { kafka } = {}, store: { redis } = {}, search: { elasticsearch } = {}, blobs: { s3 } = {} } = services;
  const watched: Service[] = [];
  const opened: { close(): Promise<void> }[] = [embedded];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  };
  const open = async <T extends ManagedService, U extends T>(
    outside: OpenService<U> | undefined,
    inside: () => Promise<T>,
  ): Promise<T | U> => {
    const one = await (outside?.open ?? inside)();
    opened.push(one);
    if (outside) watched.push({ ...outside, health: () => one.health() });
    return one;
  };
  const kafkaCounts = kafka && createKafkaCounts();
  const parts = [
    open(kafka && openKafka(world, kafka, log, { foreign: s3?.events?.topic, counts: kafkaCounts }), embedded.log),
    open(redis && openRedis(world, redis), embedded.store),
    open(elasticsearch && openSearch(world, elasticsearch, log), embedded.search),
    open(s3 && openS3(world, s3, log), embedded.blobs),
  ] as const;
  try {
    const [eventLog, store, search, blobs] = await Promise.all(parts);
    const hints = redis && (await openHints(world, redis, log));
    if (hints) opened.push(hints);
    const disk = diskOf(world, folder, embedded, services, [eventLog, store, search, blobs], log);
    const watch = await watchServices(world, disk ? [...watched, disk.service] : watched, log);
    return {
      folder,
      log: eventLog,
      index: 'index' in eventLog ? eventLog.index : undefined,
      indexesEvents: kafka !== undefined && elasticsearch !== undefined && kafka.eventIndex !== false,
      shareTopics: 'share' in eventLog ? eventLog.share : undefined,
      store,
      search,
      blobs,
      has: { kafka: kafka !== undefined, search: true, blobs: true },
      topicPrefix: kafka?.topicPrefix ?? '',
      bucketEvents:
        s3?.events && 'receiveNotification' in blobs
          ? { topic: s3.events.topic, hear: blobs.receiveNotification }
          : undefined,
      kafkaCounts,
      hints,
      reasons: watch.reasons,
      diskReasons: watch.diskReasons,
      disk: () => disk?.figures(),
      backup: backupOf(folder, embedded, services, blobs),
      parts: () => partsOf(services, watch),
      services: watch.states,
      async close() {
        watch.close();
        await close();
      },
    };
  } catch (error) {
    await Promise.allSettled(parts);
    await close();
    throw error;
  }
}

/** An embedded part is as well as the disk that it is on. */
function partsOf(services: Services, { states, diskReasons }: ServiceWatch): ServiceReport[] {
  const drivers = {
    log: services.log?.kafka && 'Kafka',
    store: services.store?.redis && 'Redis',
    search: services.search?.elasticsearch && 'Elasticsearch',
    blobs: services.blobs?.s3 && 'S3',
  };
  return PARTS.map(part => {
    const driver = drivers[part];
    const reason =
      driver === undefined ? diskReasons()[0] : states().find(({ name }) => name === `${driver} (${part})`)?.reason;
    return {
      part,
      driver: driver ?? EMBEDDED,
      usable: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
    };
  });
}

function backupOf(folder: string, embedded: Embedded, services: Services, blobs: object): BackupSource | undefined {
  const database = embedded.database();
  if (database === undefined) return undefined;
  const { log, store, search, blobs: objects } = services;
  const outside = [
    log?.kafka && 'log',
    store?.redis && 'store',
    search?.elasticsearch && 'search',
    objects?.s3 && 'blobs',
  ];
  const files = 'holdRemovals' in blobs && typeof blobs.holdRemovals === 'function' ? blobs.holdRemovals : undefined;
  return {
    file: database.file,
    thread: databaseThread(),
    blobs: files && { folder: join(folder, BLOB_FOLDER), holdRemovals: () => files() },
    without: outside.flatMap(part => part ?? []),
  };
}

/** Undefined where nothing is kept on it. `kept`: log, store, search, blobs. */
function diskOf(
  world: World,
  folder: string,
  embedded: Embedded,
  services: Services,
  kept: readonly Pick<Service, 'health'>[],
  log: Log,
): DiskWatch | undefined {
  const database = embedded.database();
  if (database === undefined) return undefined;
  const outside = [services.log?.kafka, services.store?.redis, services.search?.elasticsearch, services.blobs?.s3];
  const inside = PARTS.flatMap((part, index) => (outside[index] === undefined ? [{ part, one: kept[index] }] : []));
  return watchDisk({
    world,
    parts: inside.map(({ part }) => part),
    folder,
    database: database.file,
    troubles: database.troubles,
    // The last has what the others have, and its files besides.
    health: async () => (await inside.at(-1)?.one?.health()) ?? { ok: true },
    log,
  });
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
