// The port to an index of events: it narrows down where in a partition those stand that have an id,
// a key or a trace. The caller reads these places and compares.

/** The names of events that an index knows. Drivers store the numbers. */
export const indexedFields = { id: 0, key: 1, trace: 2 } as const;

export type IndexedField = keyof typeof indexedFields;

/** Offsets from `start` up to but not including `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface NarrowQuery extends Span {
  /** In the log. */
  readonly topic: string;
  readonly partition: number;
  readonly field: IndexedField;
  readonly value: string;
  /** An index that reads events stops when it has read so much. */
  readonly most?: EventsRead;
}

export interface EventsRead {
  readonly records: number;
  readonly bytes: number;
}

export interface Narrowed {
  /**
   * The newest first. Each event that has the value stands in one of them; what else stands there
   * may have another value.
   */
  readonly spans: readonly Span[];
  /** Only this part of what was asked for was looked at, up to its end. */
  readonly from: number;
  /** Offsets that the index does not know yet: it has read them, or they are in `spans`. */
  readonly unindexed: number;
  /** Events that the index has read; absent where it reads none. */
  readonly read?: EventsRead;
}

/** Errors are those of the log. */
export interface EventIndex {
  narrow(query: NarrowQuery): Promise<Narrowed>;
}

export interface Block extends Span {
  /** In the log. */
  readonly topic: string;
  readonly partition: number;
  /** The hashes of the names of its records (`textHash`). */
  readonly hashes: Readonly<Record<IndexedField, ReadonlySet<number>>>;
}

/** An index that a consumer writes, for a log that has none. */
export interface KeptEventIndex extends EventIndex {
  /**
   * Makes the index if it is not there. Resolves to what tells the blocks of the topic from earlier
   * ones, which are gone: a position that was committed for those says nothing about these.
   */
  open(topic: string): Promise<string>;
  /** Durable when it resolves. Writing a block again changes nothing. */
  write(block: Block): Promise<void>;
  /**
   * Deletes the blocks of topics that the log does not have, and of events that it has no more. The
   * `kept` topics keep those of their events, also where the log does not have the topic. Resolves
   * to the number of blocks.
   */
  sweep(kept: Iterable<string>): Promise<number>;
}
