// The partitions of a topic in memory, to be read only. It keeps which of them were read, how many
// at the same time, and how much of them.
import type { LogRecord, ReadLimits } from '../../drivers/event-log/event-log.ts';

/** `partitions`: the keys of their records, each appended a second after the one before. */
export function createFakePartitions(partitions: readonly (readonly string[])[], value = Buffer.from('value')) {
  const records = partitions.map(keys =>
    keys.map((key, offset): LogRecord => {
      return { offset, timestamp: offset * 1_000, key, value, headers: {} };
    }),
  );
  const fake = {
    /** The partitions of the reads, in their order. */
    reads: [] as number[],
    bytesRead: 0,
    /** The partitions whose offsets were asked for. */
    offsetsAsked: [] as number[],
    underWay: 0,
    mostUnderWay: 0,
    bounds: async () => records.map(({ length }) => ({ start: 0, end: length })),
    offsetAt: async (_: string, partition: number, timeMs: number) => {
      fake.offsetsAsked.push(partition);
      const all = records[partition] ?? [];
      const at = all.findIndex(({ timestamp }) => timestamp >= timeMs);
      return at === -1 ? all.length : at;
    },
    read: async (_: string, partition: number, from: number, { maxRecords, maxBytes }: ReadLimits) => {
      fake.reads.push(partition);
      fake.mostUnderWay = Math.max(fake.mostUnderWay, ++fake.underWay);
      await new Promise(resolve => setImmediate(resolve));
      fake.underWay--;
      const all = records[partition] ?? [];
      const read = all.slice(from, from + Math.min(maxRecords, Math.max(1, Math.floor(maxBytes / value.length))));
      fake.bytesRead += read.length * value.length;
      return { records: read, next: from + read.length, bounds: { start: 0, end: all.length } };
    },
  };
  return fake;
}
