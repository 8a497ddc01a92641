// The port to an outbox: a table of a database of somebody else, whose rows become events. One
// reader has it at a time.

/** The columns of a row as text. Undefined: the outbox has no such column. */
export interface OutboxRow {
  readonly id: string;
  readonly key: string | null | undefined;
  readonly type: string | null | undefined;
  readonly subject: string | null | undefined;
  /** Milliseconds since 1970; NaN for what no clock shows, such as infinity. */
  readonly time: number | null | undefined;
  /** Null where the row has none, or more bytes than `rowBytes`. */
  readonly data: string | null;
  /** Of the data. */
  readonly bytes: number;
}

export interface OutboxLook {
  readonly most: number;
  /** Data of all rows together, except that one row is always read. */
  readonly bytes: number;
  /** The data of a larger row is not read. */
  readonly rowBytes: number;
  /** Ids of rows that are left out. */
  readonly without: readonly string[];
}

export interface OutboxRead {
  readonly rows: number;
  /** There may be more. */
  readonly isFull: boolean;
  /** Age of the oldest row that was read, by the clock of the database; undefined where unknown. */
  readonly ageMs: number | undefined;
}

/**
 * Errors: `bad-gateway` (it does not answer, or has ended the connection), `storage-unusable` (the
 * table is not as it must be, or may not be used). All may succeed later. After an error only
 * `close` may be called.
 */
export interface OutboxReader {
  /**
   * Reads the next rows in one transaction. `hand` answers with the ids of those that are durable
   * elsewhere: they are removed or marked, and the transaction ends. When `hand` rejects, all rows
   * stay. Undefined: another reader has the outbox, and `hand` was not called.
   */
  read(
    look: OutboxLook,
    hand: (rows: readonly OutboxRow[]) => Promise<readonly string[]>,
  ): Promise<OutboxRead | undefined>;
  /** Rows that wait, counted up to `most`. */
  waiting(most: number): Promise<number>;
  /** Calls `heard` when the outbox tells of a row; one without a channel tells nothing. */
  listen(heard: () => void): void;
  close(): Promise<void>;
}
