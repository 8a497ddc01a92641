// From configuration to drivers. Each driver is loaded only where it is used: the laptop needs none
// of them.
import { TOPIC_EPOCHS_TOPIC } from '../../core/names.ts';
import { OBJECTS } from '../../core/object-key.ts';
import type { World } from '../../core/world.ts';
import type { NotifiedBlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { KafkaCounts } from '../../drivers/event-log/kafka/counts.ts';
import type { SharedLog } from '../../drivers/event-log/shared/shared-log.ts';
import type { SearchIndex } from '../../drivers/search-index/search-index.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import type { Store } from '../../drivers/store/store.ts';
import type { Config } from '../config/schema.ts';
import type { GatewayLogEntry } from '../platform-events.ts';

export interface OpenService<T> {
  /** For people. */
  readonly name: string;
  /** Whether it says itself when it cannot be used, and when it can again. */
  readonly tells: boolean;
  open(): Promise<T>;
}

type Kafka = NonNullable<Config['log']['kafka']>;
type Elasticsearch = NonNullable<Config['search']['elasticsearch']>;
type Redis = NonNullable<Config['store']['redis']>;
type S3 = NonNullable<Config['blobs']['s3']>;
type Log = (entry: GatewayLogEntry) => void;

export interface KafkaUse {
  /** A topic whose name is used as it is, besides those that Topics name. */
  readonly foreign?: string | undefined;
  readonly counts?: KafkaCounts | undefined;
}

export function openKafka(
  world: World,
  settings: Kafka,
  log: Log,
  { foreign, counts }: KafkaUse = {},
): OpenService<SharedLog> {
  const { replicationFactor, minInsyncReplicas, compression, topicPrefix, eventIndex: _, ...connection } = settings;
  const topicSettings = minInsyncReplicas === undefined ? {} : { 'min.insync.replicas': String(minInsyncReplicas) };
  return {
    name: 'Kafka (log)',
    tells: true,
    async open() {
      const { openKafkaEventLog } = await import('../../drivers/event-log/kafka/kafka-event-log.ts');
      const { withTopicPrefix } = await import('../../drivers/event-log/kafka/topics/topic-prefix.ts');
      const { createSharedLog } = await import('../../drivers/event-log/shared/shared-log.ts');
      const kafka = openKafkaEventLog({
        world,
        connection,
        compression,
        topics: { replicationFactor, settings: topicSettings, epochs: `${topicPrefix}${TOPIC_EPOCHS_TOPIC}` },
        log: (level, message) => log({ level, message, fields: {} }),
        counts,
      });
      const shared: SharedLog = createSharedLog(
        withTopicPrefix(kafka, topicPrefix, name => name === foreign || shared.sharingOf(name)?.literal === true),
      );
      return shared;
    },
  };
}

export function openSearch(world: World, settings: Elasticsearch, log: Log): OpenService<SearchIndex> {
  const { nodes, username, password, apiKey, ca, ...rest } = settings;
  const user = username === undefined || password === undefined ? undefined : { username, password };
  return {
    name: 'Elasticsearch (search)',
    tells: true,
    async open() {
      const { openElasticsearch } = await import(
        '../../drivers/search-index/elasticsearch/elasticsearch-search-index.ts'
      );
      const connection = { nodes, auth: apiKey === undefined ? user : { apiKey }, ca };
      const tell = (level: 'info' | 'warn', message: string) => log({ level, message, fields: {} });
      return openElasticsearch({ world, connection, ...rest, log: tell });
    },
  };
}

export function openRedis(world: World, { prefix, ...connection }: Redis): OpenService<Store> {
  return {
    name: 'Redis (store)',
    tells: false,
    async open() {
      const { keepRedisStore } = await import('../../drivers/store/redis/keep-open.ts');
      return keepRedisStore({ world, prefix, connection });
    },
  };
}

export function openS3(
  world: World,
  { prefix, keys, events: _, accessKeyId, secretAccessKey, ...connection }: S3,
  log: Log,
): OpenService<NotifiedBlobStore> {
  const credentials =
    accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey };
  return {
    name: 'S3 (blobs)',
    tells: true,
    async open() {
      const { openS3BlobStore } = await import('../../drivers/blob-store/s3/s3-blob-store.ts');
      const tell = (message: string) => log({ level: 'warn', message, fields: {} });
      // No other process follows changes of the platform's own entries there.
      const tellChangesOf = [OBJECTS];
      return openS3BlobStore({
        world,
        connection: { ...connection, credentials },
        prefix,
        keys,
        tellChangesOf,
        log: tell,
      });
    },
  };
}

/** Without them all is right, but later: so they are no reason not to be ready. */
export async function openHints(world: World, { prefix, ...connection }: Redis, log: Log): Promise<Hints> {
  const { openRedisHints } = await import('../../drivers/store/redis/redis-hints.ts');
  let wasLost = false;
  return openRedisHints({
    world,
    prefix,
    connection,
    changed({ ok, reason }) {
      const message = 'Messages to other processes over Redis are lost; they find all that they need, but later';
      if (!ok) log({ level: 'warn', message, fields: { reason } });
      else if (wasLost) log({ level: 'info', message: 'Messages to other processes get through again', fields: {} });
      wasLost = !ok;
    },
  });
}
