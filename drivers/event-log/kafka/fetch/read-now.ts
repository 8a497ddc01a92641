// One read without a group and without waiting, of what is there.
import type { ReadBatch, ReadLimits } from '../../event-log.ts';
import { assertNone, FAULT, KafkaFault } from '../kafka-error.ts';
import { noPartition } from '../topics/topics.ts';
import { fetchRequest } from '../wire/fetch.ts';
import { batchOf, toChunk } from './chunk.ts';
import type { KafkaReaderContext } from './partition-reader.ts';

const MAX_ANSWER_BYTES = 1 << 20;

export function readNow(
  context: KafkaReaderContext,
  name: string,
  partition: number,
  from: number,
  limits: ReadLimits,
): Promise<ReadBatch> {
  const { cluster, topics } = context;
  return cluster.attempt(`Partition ${partition} of topic ${name} could not be read`, async () => {
    let topic = await cluster.topic(name);
    if (!(partition in topic.leaders)) topic = await cluster.freshTopic(name);
    if (!(partition in topic.leaders)) throw noPartition(topic, partition);
    for (let position = from; ; ) {
      const maxBytes = Math.min(Math.max(limits.maxBytes, 1), MAX_ANSWER_BYTES);
      const wanted = { topic: name, partition, from: position, maxBytes };
      const broker = cluster.broker(topic.leaders[partition] ?? -1);
      const answer = await broker.ask(fetchRequest([wanted], { waitMs: 0, maxBytes: MAX_ANSWER_BYTES }));
      assertNone(answer.error);
      const [fetched] = answer.partitions;
      if (!fetched) throw new KafkaFault(-1, 'it did not answer for the partition');
      if (fetched.error === FAULT.offsetOutOfRange) {
        const bounds = await topics.boundsOf(name, partition);
        if (position >= bounds.start) return { records: [], next: position, bounds };
        position = bounds.start;
        continue;
      }
      assertNone(fetched.error);
      const chunk = toChunk(fetched, position);
      if (chunk.damage) throw chunk.damage;
      if (chunk.records.length > 0) return batchOf(chunk, 0, limits);
      // Markers and gaps hold nothing, but may lie before something.
      if (chunk.next >= chunk.bounds.end) return { records: [], next: chunk.next, bounds: chunk.bounds };
      position = chunk.next;
    }
  });
}
