// A log in memory that appends as a test says: at once, later, never, or with an error.
import type { AppendedAt, EventLog, LogRecord, NewRecord } from '../../drivers/event-log/event-log.ts';

export function createFakeLog() {
  const topics = new Map<string, LogRecord[]>();
  const fake = {
    /** Called before each append; rejects or waits in its place. */
    before: async (_topic: string, _records: readonly NewRecord[]): Promise<void> => {},
    recordsOf: (topic: string): readonly LogRecord[] => topics.get(topic) ?? [],
    append: async (topic: string, records: readonly NewRecord[]): Promise<readonly AppendedAt[]> => {
      await fake.before(topic, records);
      const kept = topics.get(topic) ?? [];
      topics.set(topic, kept);
      return records.map(({ key, value, headers }) => {
        kept.push({ offset: kept.length, timestamp: 0, key, value, headers });
        return { partition: 0, offset: kept.length - 1 };
      });
    },
    read: async (topic: string, _partition: number, from: number) => {
      const records = (topics.get(topic) ?? []).slice(from, from + 1);
      return { records, next: from + records.length, bounds: { start: 0, end: topics.get(topic)?.length ?? 0 } };
    },
    bounds: async (topic: string) => [{ start: 0, end: topics.get(topic)?.length ?? 0 }],
    positions: async () => [undefined],
  };
  // The endpoints use no more of a log than this.
  return fake as typeof fake & EventLog;
}
