// A kafkajs producer batched by hand: one request at a time, with all that came while the
// one before was under way.
import { Kafka, logLevel } from 'kafkajs';

interface Waiting {
  readonly message: { readonly key: string; readonly value: Buffer; readonly headers: Record<string, string> };
  resolve(): void;
  reject(error: unknown): void;
}

export async function startBatches(brokers: string[], topic: string) {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  let waiting: Waiting[] = [];
  let isSending = false;
  const send = async () => {
    isSending = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await producer.send({ topic, acks: -1, messages: batch.map(({ message }) => message) });
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isSending = false;
  };
  return {
    append: (key: string, value: Buffer, headers: Record<string, string>) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ message: { key, value, headers }, resolve, reject });
        if (!isSending) void send();
      }),
    close: () => producer.disconnect(),
  };
}
