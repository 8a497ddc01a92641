// How a topic of the log is shared with programs that are not ours: whose it is, how events are
// written for them, and how theirs are read.
import type { LogRecord, NewRecord } from '../event-log.ts';

/**
 * How data is written and read that is not JSON, or has the number of its schema in front of it.
 */
export interface DataCodec {
  /**
   * Decodes data to JSON with all its attributes. A record that cannot be read comes back with the
   * reason. Rejects with `log-unavailable` where that cannot be decided now.
   */
  decode(record: LogRecord): LogRecord | Promise<LogRecord>;
  /** Rejects with `invalid-input`, `unsupported-media-type` or `log-unavailable`. */
  encode(record: NewRecord): NewRecord | Promise<NewRecord>;
}

export interface TopicSharing {
  /**
   * It is somebody else's: neither made nor changed nor deleted, and its
   * records need not be events.
   */
  readonly external: boolean;
  /** Whether its name is meant as it is, without the prefix that names of ours have. */
  readonly literal: boolean;
  /** Stands for the attributes `source` and `type` of records that are no events. */
  readonly source: string;
  readonly type: string;
  /** How the attributes of events are written (CloudEvents Kafka protocol binding 1.0.2, §3). */
  readonly contentMode: 'binary' | 'structured';
  readonly codec: DataCodec | undefined;
}
