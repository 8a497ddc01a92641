// The loop that one writes by hand: kafkajs's eachBatch and undici, one call of a key at a time,
// the others side by side.
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import { Pool } from 'undici';

export interface LoopOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly url: string;
  readonly concurrency: number;
  handled(): void;
}

export async function runKafkajsLoop({ brokers, topic, url, concurrency, handled }: LoopOptions): Promise<void> {
  const pool = new Pool(url, { connections: concurrency });
  const consumer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).consumer({
    groupId: 'g',
    maxWaitTimeInMs: 100,
  });
  let free = concurrency;
  const waiting: (() => void)[] = [];
  const call = async ({ value, headers = {} }: KafkaMessage) => {
    if (free > 0) free--;
    else await new Promise<void>(resolve => waiting.push(resolve));
    const fields = Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [name.replace('_', '-'), String(text)]),
    );
    const { statusCode, body } = await pool.request({ method: 'POST', path: '/', headers: fields, body: value ?? '' });
    await body.dump();
    if (statusCode >= 300) throw new Error(String(statusCode));
    const next = waiting.shift();
    if (next) next();
    else free++;
    handled();
  };
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 6,
    eachBatch: async ({ batch }) => {
      const chains = new Map<string, Promise<void>>();
      for (const message of batch.messages) {
        const key = String(message.key);
        const former = chains.get(key);
        chains.set(key, former ? former.then(() => call(message)) : call(message));
      }
      await Promise.all(chains.values());
    },
  });
}
