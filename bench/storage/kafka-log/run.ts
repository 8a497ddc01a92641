// One client of Kafka, one run: appends of 1 KB by many callers at once, each answered when it is
// durable, then all of it read by a member of a group.
import { Kafka, logLevel } from 'kafkajs';
import { realWorld } from '../../../core/world.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';

const [client = 'tenfold', brokers = '', callers = '256', seconds = '3'] = process.argv.slice(2);
const PARTITIONS = 6;
const KEYS = 10_000;
const topic = `bench-${client}-${Date.now()}`;
const value = Buffer.alloc(1024, 'x');
const END = { records: [], next: 0 };
const headers = { ce_specversion: '1.0', ce_id: 'a-1', ce_source: '/bench', ce_type: 'Measured' };

interface Client {
  append(key: string): Promise<unknown>;
  /** Until so many were read. */
  read(count: number, first: () => void): Promise<void>;
  close(): Promise<unknown>;
}

const log = openKafkaEventLog({ world: realWorld, connection: { brokers: brokers.split(',') } });
await log.ensureTopic(topic, { partitions: PARTITIONS });

const clients: Record<string, () => Promise<Client>> = {
  async tenfold() {
    return {
      append: key => log.append(topic, [{ key, value, headers }]),
      async read(count, first) {
        const { promise, resolve } = Promise.withResolvers<void>();
        let read = 0;
        const member = await log.join({
          group: topic,
          topics: [topic],
          async assigned(owned) {
            const reader = owned.open(topic, 0);
            while (!owned.lost.aborted) {
              const { records, next } = await reader.next({ maxRecords: 1000, maxBytes: 1 << 20 }).catch(() => END);
              if (read === 0) first();
              read += records.length;
              void owned.commit({ offset: next, metadata: '' }).catch(() => {});
              if (read >= count) return resolve();
            }
          },
        });
        await promise;
        await member.leave();
      },
      close: () => log.close(),
    };
  },
  async kafkajs() {
    await log.close();
    const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    let waiting: { key: string; resolve: () => void; reject: (error: unknown) => void }[] = [];
    let isSending = false;
    const send = async () => {
      isSending = true;
      while (waiting.length > 0) {
        const batch = waiting;
        waiting = [];
        try {
          await producer.send({ topic, acks: -1, messages: batch.map(({ key }) => ({ key, value, headers })) });
          for (const { resolve } of batch) resolve();
        } catch (error) {
          for (const { reject } of batch) reject(error);
        }
      }
      isSending = false;
    };
    return {
      append: key =>
        new Promise<void>((resolve, reject) => {
          waiting.push({ key, resolve, reject });
          if (!isSending) void send();
        }),
      async read(count, first) {
        const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        const { promise, resolve } = Promise.withResolvers<void>();
        let read = 0;
        await consumer.run({
          partitionsConsumedConcurrently: PARTITIONS,
          eachBatch: async ({ batch }) => {
            if (read === 0) first();
            read += batch.messages.length;
            if (read >= count) resolve();
          },
        });
        await promise;
        await consumer.disconnect();
      },
      close: () => producer.disconnect(),
    };
  },
};

const used = await (clients[client] ?? clients['tenfold'])?.();
if (!used) throw new Error(client);
const cpuOf = (from: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(from);
  return user + system;
};
const load = async (forMs: number, latencies: number[]) => {
  const end = performance.now() + forMs;
  let count = 0;
  const call = async (caller: number) => {
    for (let turn = caller; performance.now() < end; turn += 256) {
      const began = performance.now();
      await used.append(`key-${turn % KEYS}`);
      latencies.push(performance.now() - began);
      count++;
    }
  };
  await Promise.all(Array.from({ length: Number(callers) }, (_, caller) => call(caller)));
  return count;
};
const warm = await load(1500, []);
const latencies: number[] = [];
let cpu = process.cpuUsage();
let began = performance.now();
const appended = await load(Number(seconds) * 1000, latencies);
const appendMs = performance.now() - began;
const appendCpu = cpuOf(cpu);
latencies.sort((a, b) => a - b);
await used.read(warm + appended, () => {
  cpu = process.cpuUsage();
  began = performance.now();
});
const readMs = performance.now() - began;
const readCpu = cpuOf(cpu);
console.log(
  JSON.stringify({
    appends: (appended / appendMs) * 1000,
    appendCpuUs: appendCpu / appended,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)],
    p99Ms: latencies[Math.floor(latencies.length * 0.99)],
    reads: ((warm + appended) / readMs) * 1000,
    readCpuUs: readCpu / (warm + appended),
  }),
);
await used.close();
process.exit();
