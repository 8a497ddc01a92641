// The tables of the log that its writer changes.
import type { PartitionRow, TopicRow } from './rows.ts';

/** The small tables as memory knows them. */
export interface LogTables {
  readonly topics: Map<string, TopicRow>;
  readonly partitions: Map<number, PartitionRow>;
  /** The first offsets of names whose topic was deleted before. */
  readonly epochs: Map<string, number>;
}
