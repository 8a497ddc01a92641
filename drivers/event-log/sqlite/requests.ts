// Requests and replies between the driver in the serving thread and the log's
// code in the database threads.
import type { Bounds, Position, TopicSettings } from '../event-log.ts';

/** Kinds of writes, one byte each. */
export const APPEND = 1;
export const CHANGE = 2;
export const NAMES = 3;

/** Writes that are rare travel as JSON. */
export type LogChange =
  | { readonly do: 'ensure'; readonly name: string; readonly settings: TopicSettings }
  | { readonly do: 'delete'; readonly name: string }
  | { readonly do: 'trim'; readonly partition: number; readonly before: number }
  | (Keep & { readonly do: 'expire' })
  | { readonly do: 'sweep' }
  | {
      readonly do: 'place';
      readonly topic: number;
      readonly group: string;
      readonly positions: readonly StoredPosition[];
    };

export interface StoredPosition extends Position {
  readonly partition: number;
}

/** Kinds of reads. */
export const STATE = 1;
export const CHUNKS = 2;
export const TIME = 3;
export const POSITIONS = 4;
export const DUE = 5;
/** The columns of names of the next block of a partition, if there is enough for one. */
export const NEXT_BLOCK = 6;
export const NARROW = 7;
/** Partitions that have enough for a block and are not indexed so far. */
export const UNINDEXED = 8;

/** The retention of a partition: null does not limit it. */
export interface Keep {
  readonly partition: number;
  /** Records older than this may go, milliseconds since 1970. */
  readonly olderThan: number | null;
  readonly maxBytes: number | null;
}

export interface Due {
  /** Partitions with something to delete. */
  readonly partitions: readonly number[];
  /** There are remains of deleted topics. */
  readonly remains: boolean;
}

export interface PartitionState extends Bounds {
  readonly id: number;
  readonly number: number;
}

export interface TopicState extends TopicSettings {
  readonly id: number;
  readonly name: string;
  /** In the order of their numbers. */
  readonly states: readonly PartitionState[];
}

/** Base that is answered for a chunk whose partition is gone. */
export const PARTITION_GONE = -1;
