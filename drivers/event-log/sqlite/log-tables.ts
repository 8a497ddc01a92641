// The tables of the log that its writer changes.
import type { PartitionRow, TopicRow } from './rows.ts';

/** What memory knows of the small tables. */
export interface LogTables {
  readonly topics: Map<string, TopicRow>;
  readonly partitions: Map<number, PartitionRow>;
  /** Where offsets of a name begin whose topic was deleted before. */
  readonly epochs: Map<string, number>;
}
