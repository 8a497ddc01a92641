// The port to a table of a database of somebody else, into which events put rows. The position is
// kept in the same database, and written in the same transaction as the rows.

/** An order for one row. */
export interface RowOrder {
  readonly kind: 'put' | 'delete';
  /** The same for orders about one row; only compared. */
  readonly key: string;
  /** JSON of the columns; of a row to delete those of its key. */
  readonly json: string;
}

/** The state that is written with the rows, by names. */
export type Noted = ReadonlyMap<string, string>;

/** The work on one partition, from its take-over on. It fences: a later one ends it. */
export interface TableClaim {
  readonly partition: number;
  readonly epoch: string;
}

export interface Taken extends TableClaim {
  /** Undefined where none was written yet. */
  readonly position: number | undefined;
  readonly noted: Noted;
}

export interface TableStep {
  readonly claim: TableClaim;
  /** The position that must be there still. */
  readonly after: number | undefined;
  readonly upTo: number;
  /** Added to what was noted before; the same names are replaced. */
  readonly noted: Noted;
  /** In their order. */
  readonly orders: readonly RowOrder[];
}

/** An order that the database does not carry out, as its row is not one that the table takes. */
export interface RefusedOrder {
  readonly index: number;
  readonly message: string;
}

/**
 * Errors: `bad-gateway` (it does not answer, or has ended the connection), `storage-unusable` (a
 * table is not as it must be, or may not be used). All may succeed later, and nothing is written.
 * One exception: a connection that ends at the very end leaves open whether the step was written.
 * `take` waits until that is decided, and tells. One call is made at a time.
 */
export interface TableSink {
  take(partition: number): Promise<Taken>;
  /**
   * Writes the rows with the position, or nothing. Orders that the database refuses are left out.
   * They are given to `refused` before the rest is written; when that rejects, nothing is. False:
   * another one has taken over, or the database has lost its newest steps.
   */
  write(step: TableStep, refused: (orders: readonly RefusedOrder[]) => Promise<void>): Promise<boolean>;
  /** Whether nobody has taken over, and the position is still this one. */
  holds(claim: TableClaim, position: number | undefined): Promise<boolean>;
  close(): Promise<void>;
}
