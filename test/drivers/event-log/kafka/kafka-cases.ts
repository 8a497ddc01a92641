// What tests of Kafka's driver share: clients that end with their test, writers that go on whatever
// happens, and what came of it.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog, OwnedPartition } from '../../../../drivers/event-log/event-log.ts';
import { Cluster } from '../../../../drivers/event-log/kafka/brokers/cluster.ts';
import { type KafkaEventLogOptions, openKafkaEventLog } from '../../../../drivers/event-log/kafka/kafka-event-log.ts';

export interface Clients {
  open(brokers: readonly string[], options?: Partial<KafkaEventLogOptions>): EventLog;
  /** Lines that the log was told. */
  readonly lines: string[];
  closeAll(): Promise<void>;
}

export function createClients(): Clients {
  const logs = new Set<EventLog>();
  const lines: string[] = [];
  return {
    lines,
    open(brokers, options = {}) {
      const log = openKafkaEventLog({
        world: realWorld,
        connection: { brokers },
        log: (level, message) => lines.push(`${level} ${message}`),
        deliveryTimeoutMs: 20_000,
        heartbeatMs: 200,
        sessionTimeoutMs: 3000,
        ...options,
      });
      logs.add(log);
      return log;
    },
    async closeAll() {
      await Promise.all([...logs].map(log => log.close()));
      logs.clear();
      lines.length = 0;
    },
  };
}

/** Who leads a partition, and who coordinates a group: numbers of nodes from 0 on. */
export async function rolesOf(brokers: readonly string[], topic: string, group: string) {
  const cluster = new Cluster({
    world: realWorld,
    connection: { brokers },
    requestTimeoutMs: 120_000,
    log: () => {},
  });
  try {
    const metadata = await cluster.refresh();
    const coordinator = await cluster.attempt('asking', () => cluster.coordinatorOf(group));
    return {
      leaders: (metadata.topics.get(topic)?.leaders ?? []).map(id => id - 1),
      coordinator: coordinator.id - 1,
      controller: metadata.controller - 1,
    };
  } finally {
    cluster.close();
  }
}

export interface Load {
  /** What was acknowledged, by key in order. */
  readonly acknowledged: ReadonlyMap<string, readonly number[]>;
  /** Codes of what failed. */
  readonly failures: string[];
  /** Longest time between two acknowledgements, milliseconds. */
  readonly longestGapMs: number;
  stop(): Promise<void>;
}

const KEYS = 20;

/**
 * Appends numbers to some keys, each in turn: a number that failed is tried again,
 * so that order can be told.
 */
export function startLoad(log: EventLog, topic: string, pauseMs = 20): Load {
  const acknowledged = new Map<string, number[]>();
  const failures: string[] = [];
  let isStopped = false;
  let last = performance.now();
  let longestGapMs = 0;
  const write = async (key: string) => {
    const numbers: number[] = [];
    acknowledged.set(key, numbers);
    for (let number = 0; !isStopped; ) {
      try {
        await log.append(topic, [{ key, value: Buffer.from(String(number)), headers: {} }]);
        numbers.push(number++);
        longestGapMs = Math.max(longestGapMs, performance.now() - last);
        last = performance.now();
        await new Promise(resolve => setTimeout(resolve, pauseMs));
      } catch (error) {
        failures.push(String(error instanceof Error && 'code' in error ? error.code : error));
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    }
  };
  const writers = Array.from({ length: KEYS }, (_, index) => write(`key ${index}`));
  return {
    acknowledged,
    failures,
    get longestGapMs() {
      return longestGapMs;
    },
    async stop() {
      isStopped = true;
      await Promise.all(writers);
    },
  };
}

export interface Reading {
  /** Numbers by key, in the order in which they came. */
  readonly seen: ReadonlyMap<string, readonly number[]>;
  readonly owned: ReadonlySet<number>;
  stop(): Promise<void>;
}

/** Reads as a member of a group, from what was committed on, and commits what it read. */
export async function startReading(log: EventLog, topic: string, group: string): Promise<Reading> {
  const seen = new Map<string, number[]>();
  const owned = new Set<number>();
  const work = async (partition: OwnedPartition) => {
    owned.add(partition.partition);
    partition.lost.addEventListener('abort', () => owned.delete(partition.partition));
    const retrying = async <T>(run: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await run();
        } catch (error) {
          partition.lost.throwIfAborted();
          assert.ok(error instanceof Error && 'code' in error && error.code === 'log-unavailable', String(error));
        }
      }
    };
    const begun = await retrying(() => partition.committed());
    const reader = partition.open(topic, begun?.offset ?? 0);
    while (!partition.lost.aborted) {
      const { records, next } = await retrying(() => reader.next({ maxRecords: 100, maxBytes: 1 << 20 }));
      for (const { key, value } of records) {
        const numbers = seen.get(key ?? '') ?? [];
        seen.set(key ?? '', numbers);
        numbers.push(Number(Buffer.from(value).toString()));
      }
      await retrying(() => partition.commit({ offset: next, metadata: '' }));
    }
  };
  const member = await log.join({
    group,
    topics: [topic],
    assigned: partition => void work(partition).catch(() => {}),
  });
  return { seen, owned, stop: () => member.leave() };
}

/**
 * All that was acknowledged was seen, in order but for repetitions: a number comes
 * first after the one before it.
 */
export function assertComplete({ acknowledged }: Load, { seen }: Reading): void {
  for (const [key, numbers] of acknowledged) {
    const found = seen.get(key) ?? [];
    const firsts = [...new Set(found)];
    assert.deepEqual(firsts.slice(0, numbers.length), numbers, `of ${key}`);
  }
}

export function countOf(numbers: ReadonlyMap<string, readonly number[]>): number {
  return [...numbers.values()].reduce((sum, { length }) => sum + length, 0);
}
