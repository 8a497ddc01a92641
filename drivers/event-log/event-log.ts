// The port to the log: named topics of partitions, each an ordered, replayable list of records that
// are durable once appended.

export interface NewRecord {
  /** Records of one key go to one partition (`partitionOf`); null goes to any. */
  readonly key: string | null;
  readonly value: Uint8Array;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Goes before the key's. */
  readonly partition?: number;
  /**
   * For a record without a key: records with the same text go to one partition, too. The text is
   * not stored.
   */
  readonly spread?: string;
}

export interface LogRecord {
  /**
   * Grows within a partition; there may be gaps. An offset never comes twice under one name. A
   * topic that is deleted and made again begins at a multiple of `OFFSETS_PER_EPOCH` above all
   * earlier offsets (`epochs.ts`). Its earlier records look as if retention had taken them.
   */
  readonly offset: number;
  /** When it was appended, by the log's clock, milliseconds since 1970. */
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * There was no value, which is another thing than an empty one to those who compact
   * topics; `value` is empty then.
   */
  readonly isTombstone?: true;
}

export interface AppendedAt {
  readonly partition: number;
  readonly offset: number;
}

export interface TopicSettings {
  /** Only grows; fewer than there are is refused with `conflict`. */
  readonly partitions: number;
  /** Records older than this may go. Undefined: never by time. */
  readonly retentionMs?: number | undefined;
  /** The oldest records of a partition beyond this may go. Undefined: never by size. */
  readonly retentionBytes?: number | undefined;
  /**
   * Copies of each partition, of a topic that is made. Undefined: as many as the log is set to;
   * ignored by a log that keeps one.
   */
  readonly replicas?: number | undefined;
  /**
   * How many of them must have a record before it counts as durable. Undefined: as the log is set;
   * ignored by a log that keeps one.
   */
  readonly minInsyncReplicas?: number | undefined;
  /**
   * Records of so many bytes fit, also where the log is set to take smaller ones only;
   * left as it is where nobody may change that. Undefined: as the log is set; ignored by a
   * log without such a limit.
   */
  readonly recordBytes?: number | undefined;
}

export interface TopicStatus extends TopicSettings {
  readonly name: string;
  /**
   * Identifies this topic: a topic of the same name that is made after a deletion has another id.
   */
  readonly id: string;
}

/**
 * For topics of ours with copies of events and more beside them, such as why an attempt failed:
 * what fits in its own topic must fit there. As much as hosted Kafkas allow; 1,048,588 is what a
 * Kafka takes unless told otherwise.
 */
export const COPY_BYTES = 8 << 20;

/** The records that a partition holds now: from `start` up to but not including `end`. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

/**
 * The position of a group in a partition: the next offset it needs, and what it wrote beside it.
 */
export interface Position {
  readonly offset: number;
  /** At most `MAX_METADATA` bytes of UTF-8. */
  readonly metadata: string;
}

/**
 * Kafka's default (`offset.metadata.max.bytes`) without what its driver writes in front;
 * every driver refuses more.
 */
export const MAX_METADATA = 4080;

export interface ReadBatch {
  /** In order of offset. */
  readonly records: readonly LogRecord[];
  /**
   * The offset to go on from: above the last record's offset, or above `from`
   * where nothing readable was.
   */
  readonly next: number;
  readonly bounds: Bounds;
}

export interface ReadLimits {
  readonly maxRecords: number;
  /** One record is always read, however large. */
  readonly maxBytes: number;
}

/** Reads one partition of one topic from a position on. One call of `next` at a time. */
export interface Reader {
  /**
   * Waits until there is at least one record, or until the reader has passed offsets that hold
   * none, such as the end of a transaction: `records` is empty then, and `next` tells how far it
   * has come. When retention has overtaken the reader it goes on at the start, which shows in
   * `bounds.start`. Rejects with the reason of `signal` or of the partition's `lost`, or with
   * `log-unavailable`, after which it may be called again.
   */
  next(limits: ReadLimits, signal?: AbortSignal): Promise<ReadBatch>;
  close(): void;
}

/** Partition n of every topic of the group, owned together until `lost` aborts. */
export interface OwnedPartition {
  readonly partition: number;
  /**
   * Aborts when somebody else may own it. That can come late: an owner whose process was paused
   * goes on meanwhile, and nothing here fences it.
   */
  readonly lost: AbortSignal;
  /** Position in the group's first topic; undefined when there is none yet. */
  committed(): Promise<Position | undefined>;
  /**
   * Durable when it resolves. Kafka accepts this from former owners too, so no
   * driver promises to refuse it.
   */
  commit(position: Position): Promise<void>;
  /**
   * A reader at `from` (offsets below the start count as the start). Opening a topic again
   * closes its earlier reader.
   */
  open(topic: string, from: number): Reader;
}

export interface GroupOptions {
  readonly group: string;
  /**
   * Partitions that all of them have are given out, so they should have the same number. Positions
   * are committed for the first.
   */
  readonly topics: readonly string[];
  /**
   * Called for each partition that this member gets, also when partitions are
   * added later. Must not throw.
   */
  assigned(partition: OwnedPartition): void;
}

export interface Member {
  /** Gives its partitions to the other members. Commit before calling it. */
  leave(): Promise<void>;
}

/**
 * Errors: `log-unavailable` (the outcome is unknown; the same call may succeed later), `overloaded`
 * (nothing has happened, memory is full of requests under way), `not-found` (no such topic),
 * `conflict`, `body-too-large`, `data-corrupt` (a stored record cannot be read and is not skipped;
 * an operator has to act).
 */
export interface EventLog {
  /** Creates the topic or grows it and changes its retention. */
  ensureTopic(name: string, settings: TopicSettings): Promise<void>;
  /**
   * Deletes the topic with all records and the positions of all groups in it; no
   * error when there is none.
   */
  deleteTopic(name: string): Promise<void>;
  topics(): Promise<readonly TopicStatus[]>;
  /** Bounds by partition; undefined when there is no such topic. */
  bounds(topic: string): Promise<readonly Bounds[] | undefined>;
  /**
   * Appends all records, to one or several partitions; resolves in the order given once all are
   * durable. Calls of one process to one partition take effect in the order in which they were
   * made. After `log-unavailable` any part of them may be there.
   */
  append(topic: string, records: readonly NewRecord[]): Promise<readonly AppendedAt[]>;
  /** The records that are there now from `from` on, without waiting and without a group. */
  read(topic: string, partition: number, from: number, limits: ReadLimits): Promise<ReadBatch>;
  /** Offset of the first record appended at or after the time; the end when there is none. */
  offsetAt(topic: string, partition: number, timeMs: number): Promise<number>;
  /** Makes records below `before` unreadable; space is freed later. */
  trim(topic: string, partition: number, before: number): Promise<void>;
  /**
   * Becomes a member of the group. Partitions are spread evenly over all members, each owned by one
   * at a time as far as the log can tell.
   */
  join(options: GroupOptions): Promise<Member>;
  /** Positions of a group in a topic by partition; undefined where there is none. */
  positions(group: string, topic: string): Promise<readonly (Position | undefined)[]>;
  /**
   * Sets positions while the group has no members; used to begin somewhere and to start over.
   * `conflict` when it has members.
   */
  seek(group: string, topic: string, positions: ReadonlyMap<number, Position>): Promise<void>;
  /** Whether it can be reached and written, for readiness. */
  health(): Promise<{ readonly ok: boolean; readonly reason?: string }>;
  close(): Promise<void>;
}
