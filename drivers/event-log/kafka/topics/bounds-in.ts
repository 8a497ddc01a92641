// The bounds of partitions, by one question for their starts and one for their ends.
import type { Bounds } from '../../event-log.ts';
import type { TopicMetadata } from '../wire/metadata.ts';
import { EARLIEST, LATEST } from '../wire/topics.ts';

interface OffsetsSource {
  offsets(topic: TopicMetadata, partitions: readonly number[], time: number): Promise<ReadonlyMap<number, number>>;
}

/** Both are asked at once. A start that has gone on since the end was told is an end, too. */
export async function boundsIn(
  topic: TopicMetadata,
  partitions: readonly number[],
  source: OffsetsSource,
): Promise<Bounds[]> {
  const asked = [source.offsets(topic, partitions, EARLIEST), source.offsets(topic, partitions, LATEST)] as const;
  const [starts, ends] = await Promise.all(asked);
  return partitions.map(partition => {
    const start = starts.get(partition) ?? 0;
    return { start, end: Math.max(start, ends.get(partition) ?? 0) };
  });
}
