// The log in one SQLite file: for a laptop, and for a cluster small enough for one process.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { Database } from '../../sqlite/database.ts';
import { type EventLog, MAX_METADATA, type Position } from '../event-log.ts';
import { SqliteAppender } from './appender.ts';
import { Groups } from './groups.ts';
import { SqlitePartitionReader } from './partition-reader.ts';
import {
  CHANGE,
  DUE,
  type Due,
  type LogChange,
  POSITIONS,
  STATE,
  type StoredPosition,
  TIME,
  type TopicState,
} from './requests.ts';
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

/** A waiting change takes about as much memory. */
const CHANGE_BYTES = 512;
const RETENTION_EVERY_MS = 30_000;

export async function createSqliteEventLog(options: SqliteEventLogOptions): Promise<EventLog> {
  const { database, world } = options;
  const client = database.client(EVENT_LOG, 'log-unavailable');
  const topics = new MirroredTopics();
  const appender = new SqliteAppender(client, world);
  const closed = new AbortController();
  const reading = { client, file: database.file };

  const change = <T>(what: LogChange): Promise<T> => {
    closed.signal.throwIfAborted();
    const text = JSON.stringify(what);
    return client.write(
      CHANGE_BYTES + text.length,
      out => {
        out.u8(CHANGE);
        out.text(text);
      },
      reply => reply.json<T>(),
    );
  };
  const reload = async () => {
    topics.update(
      await client.read(
        out => out.u8(STATE),
        reply => reply.json<TopicState[]>(),
      ),
    );
    groups.refresh();
  };
  const storedPositions = (topic: number, group: string) =>
    client.read(
      out => {
        out.u8(POSITIONS);
        out.u32(topic);
        out.text(group);
      },
      reply => reply.json<StoredPosition[]>(),
    );
  const place = async (topic: string, group: string, positions: readonly StoredPosition[]) => {
    for (const { metadata } of positions) assertFits(metadata);
    await change({ do: 'place', topic: topics.get(topic).id, group, positions });
  };
  const groups = new Groups({
    partitions: topic => topics.find(topic)?.partitions.length,
    async committed(group, topic, partition) {
      const stored = await storedPositions(topics.get(topic).id, group);
      return toPosition(stored.find(position => position.partition === partition));
    },
    commit: (group, topic, partition, position) => place(topic, group, [{ ...position, partition }]),
    open: (topic, partition, from, lost) =>
      new SqlitePartitionReader(reading, topics.partition(topic, partition), from, lost),
  });
  await reload();
  database.onRecovered(() => void reload().catch(() => {}));
  const retention = startRetention({
    world,
    everyMs: options.retentionEveryMs ?? RETENTION_EVERY_MS,
    topics,
    change,
    due: keep =>
      client.read(
        out => {
          out.u8(DUE);
          out.json(keep);
        },
        reply => reply.json<Due>(),
      ),
  });

  return {
    async ensureTopic(name, settings) {
      if (!Number.isInteger(settings.partitions) || settings.partitions < 1) {
        throw new TenfoldError('conflict', `Topic ${name} needs at least one partition, not ${settings.partitions}.`);
      }
      await change({ do: 'ensure', name, settings });
      await reload();
    },
    async deleteTopic(name) {
      await change({ do: 'delete', name });
      await reload();
    },
    topics: async () => topics.list().map(({ id, name, settings }) => ({ id: String(id), name, ...settings })),
    bounds: async topic => topics.find(topic)?.partitions.map(({ first, next }) => ({ start: first, end: next })),
    async append(topic, records) {
      closed.signal.throwIfAborted();
      return records.length === 0 ? [] : appender.append(topics.get(topic), records);
    },
    async read(topic, partition, from, limits) {
      return new SqlitePartitionReader(reading, topics.partition(topic, partition), from, closed.signal).now(limits);
    },
    async offsetAt(topic, partition, timeMs) {
      const { id } = topics.partition(topic, partition);
      return client.read(
        out => {
          out.u8(TIME);
          out.u32(id);
          out.f64(timeMs);
        },
        reply => reply.f64(),
      );
    },
    async trim(topic, partition, before) {
      const mirror = topics.partition(topic, partition);
      setBounds(mirror, await change<number>({ do: 'trim', partition: mirror.id, before }), 0);
    },
    async join(member) {
      closed.signal.throwIfAborted();
      return groups.join(member);
    },
    async positions(group, topic) {
      const { id, partitions } = topics.get(topic);
      const stored = await storedPositions(id, group);
      return partitions.map(({ number }) => toPosition(stored.find(({ partition }) => partition === number)));
    },
    async seek(group, topic, positions) {
      if (groups.hasMembers(group)) {
        throw new TenfoldError('conflict', `Group ${group} has members: stop them before setting its positions.`);
      }
      await place(
        topic,
        group,
        [...positions].map(([partition, position]) => ({ partition, ...position })),
      );
    },
    health: () => database.health(),
    async close() {
      if (closed.signal.aborted) return;
      closed.abort(new TenfoldError('shutting-down', 'The log was closed.'));
      groups.close();
      await retention.close();
    },
  };
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
