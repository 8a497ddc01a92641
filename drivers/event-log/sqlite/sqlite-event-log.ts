// The log in one SQLite file: for a laptop, and for a cluster small enough for one process.
import { TenfoldError } from '../../../core/errors.ts';
import { holdsEvents } from '../../../core/names.ts';
import type { World } from '../../../core/world.ts';
import type { EventIndex } from '../../event-index/event-index.ts';
import type { Database } from '../../sqlite/database.ts';
import { type EventLog, MAX_METADATA, type Position } from '../event-log.ts';
import { SqliteAppender } from './appender.ts';
import { Groups } from './groups.ts';
import { LogClient } from './log-client.ts';
import { Indexer, type Uncovered } from './names/indexer.ts';
import { SqlitePartitionReader, type SqliteReaderContext } from './partition-reader.ts';
import type { StoredPosition } from './requests.ts';
import { startRetention } from './retention.ts';
import { EVENT_LOG } from './schema.ts';
import { MirroredTopics, setBounds } from './topic-mirror.ts';

export interface SqliteEventLogOptions {
  readonly world: World;
  /** Stays open when the log is closed. */
  readonly database: Database;
  /** How often retention is applied, milliseconds. Default 30 s. */
  readonly retentionEveryMs?: number;
}

const RETENTION_EVERY_MS = 30_000;

/** Appending, reading and groups share this. */
interface LogParts {
  readonly requests: LogClient;
  readonly reading: SqliteReaderContext;
  readonly topics: MirroredTopics;
}

export interface SqliteEventLog extends EventLog {
  /** Knows all records but the newest of each partition, and those of topics with none but ours. */
  readonly index: EventIndex;
}

export async function createSqliteEventLog(options: SqliteEventLogOptions): Promise<SqliteEventLog> {
  const { database, world } = options;
  const client = database.client(EVENT_LOG, 'log-unavailable');
  const closed = new AbortController();
  const topics = new MirroredTopics();
  const requests = new LogClient(client, closed.signal);
  const indexer = new Indexer({ next: ({ id, isDeleted }) => nextBlock(requests, id, isDeleted) });
  const appender = new SqliteAppender(client, world, (partition, records, bytes) => {
    if (holdsEvents(partition.topic)) indexer.appended(partition, records, bytes);
  });
  const reading = { client, file: database.file };
  const parts = { requests, reading, topics };
  const groups = createGroups(parts);
  const reload = async () => {
    topics.update(await requests.state());
    groups.refresh();
  };
  await reload();
  database.onRecovered(() => void reload().catch(() => {}));
  await indexRest(parts, indexer);
  const retention = startRetention({
    world,
    everyMs: options.retentionEveryMs ?? RETENTION_EVERY_MS,
    topics,
    change: what => requests.change(what),
    due: keep => requests.due(keep),
  });

  return {
    async ensureTopic(name, settings) {
      if (!Number.isInteger(settings.partitions) || settings.partitions < 1) {
        throw new TenfoldError('conflict', `Topic ${name} needs at least one partition, not ${settings.partitions}.`);
      }
      await requests.change({ do: 'ensure', name, settings });
      await reload();
    },
    async deleteTopic(name) {
      await requests.change({ do: 'delete', name });
      await reload();
    },
    topics: async () => topics.list().map(({ id, name, settings }) => ({ id: String(id), name, ...settings })),
    bounds: async topic => topics.find(topic)?.partitions.map(({ first, next }) => ({ start: first, end: next })),
    async append(topic, records) {
      closed.signal.throwIfAborted();
      return records.length === 0 ? [] : appender.append(topics.get(topic), records);
    },
    async read(topic, partition, from, limits) {
      return new SqlitePartitionReader(reading, topics.partition(topic, partition), from, closed.signal, true).now(
        limits,
      );
    },
    async offsetAt(topic, partition, timeMs) {
      const { id } = topics.partition(topic, partition);
      return requests.offsetAt(id, timeMs);
    },
    async trim(topic, partition, before) {
      const mirror = topics.partition(topic, partition);
      setBounds(mirror, await requests.change<number>({ do: 'trim', partition: mirror.id, before }), 0);
    },
    async join(member) {
      closed.signal.throwIfAborted();
      return groups.join(member);
    },
    async positions(group, topic) {
      const { id, partitions } = topics.get(topic);
      const stored = await requests.positions(id, group);
      return partitions.map(({ number }) => toPosition(stored.find(({ partition }) => partition === number)));
    },
    async seek(group, topic, positions) {
      if (groups.hasMembers(group)) {
        throw new TenfoldError('conflict', `Group ${group} has members: stop them before setting its positions.`);
      }
      const placed = [...positions].map(([partition, position]) => ({ partition, ...position }));
      await placePositions(parts, group, topic, placed);
    },
    index: {
      async narrow({ topic, partition, ...query }) {
        return requests.narrow(topics.partition(topic, partition).id, query);
      },
    },
    health: () => database.health(),
    async close() {
      if (closed.signal.aborted) return;
      closed.abort(new TenfoldError('shutting-down', 'The log was closed.'));
      groups.close();
      await indexer.close();
      await retention.close();
    },
  };
}

async function nextBlock(requests: LogClient, id: number, isDeleted: boolean): Promise<'made' | Uncovered> {
  return isDeleted ? { records: 0, bytes: 0 } : requests.indexNextBlock(id);
}

/** Tells the indexer what an earlier process, or an earlier version, has left. */
async function indexRest({ requests, topics }: LogParts, indexer: Indexer): Promise<void> {
  const rest = new Map(await requests.unindexed());
  for (const { name, partitions } of topics.list()) {
    if (!holdsEvents(name)) continue;
    for (const partition of partitions) indexer.appended(partition, rest.get(partition.id) ?? 0, 0);
  }
}

function createGroups(parts: LogParts): Groups {
  const { requests, reading, topics } = parts;
  return new Groups({
    partitions: topic => topics.find(topic)?.partitions.length,
    async committed(group, topic, partition) {
      const stored = await requests.positions(topics.get(topic).id, group);
      return toPosition(stored.find(position => position.partition === partition));
    },
    commit: (group, topic, partition, position) => placePositions(parts, group, topic, [{ ...position, partition }]),
    open: (topic, partition, from, lost) =>
      new SqlitePartitionReader(reading, topics.partition(topic, partition), from, lost),
  });
}

async function placePositions(
  { requests, topics }: LogParts,
  group: string,
  topic: string,
  positions: readonly StoredPosition[],
): Promise<void> {
  for (const { metadata } of positions) assertFits(metadata);
  await requests.change({ do: 'place', topic: topics.get(topic).id, group, positions });
}

function assertFits(metadata: string): void {
  const bytes = Buffer.byteLength(metadata);
  if (bytes <= MAX_METADATA) return;
  throw new TenfoldError(
    'body-too-large',
    `The metadata of a position has ${bytes} bytes, at most ${MAX_METADATA} fit.`,
  );
}

function toPosition(stored: StoredPosition | undefined): Position | undefined {
  return stored && { offset: stored.offset, metadata: stored.metadata };
}
