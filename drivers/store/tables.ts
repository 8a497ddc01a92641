// Rows by key, found and sorted by indexes, and read page by page.
import type { Value } from './values.ts';

export interface Row {
  readonly key: string;
  readonly value: Uint8Array;
  /** Changes with every write of the row. */
  readonly version: string;
}

export interface Scan {
  /** In the order of this index, rows of equal values by key. Without it by key (UTF-8 bytes). */
  readonly index?: string | undefined;
  /**
   * Only rows whose first values are these; with no index: none or one text, with
   * which the keys must begin.
   */
  readonly prefix?: readonly Value[] | undefined;
  /** Bounds of the value that follows the prefix; with no index: of the key. */
  readonly from?: Bound | undefined;
  readonly to?: Bound | undefined;
  readonly reverse?: boolean | undefined;
  /** 1 to `MAX_PAGE`. A page may be shorter although there is more: its bytes are bounded too. */
  readonly limit: number;
  /** `next` of the page before; good for any scope and for either direction. */
  readonly after?: string | undefined;
}

/** Which rows; a page of them is a `Scan`. */
export type RowSet = Pick<Scan, 'index' | 'prefix' | 'from' | 'to'>;

export interface Bound {
  readonly value: Value;
  readonly inclusive: boolean;
}

export interface ScannedRow extends Row {
  /**
   * Its place in the order: opaque, compares as a string within one index. As `after`
   * it goes on behind this row.
   */
  readonly position: string;
}

export interface Page {
  readonly rows: readonly ScannedRow[];
  /**
   * Undefined at the end. Rows that change meanwhile may be met at their old place, their new one,
   * at both or at none; all others exactly once.
   */
  readonly next: string | undefined;
}

/** A set of rows of one scope, by the index that the page is of. */
export interface ScopedRows extends Omit<RowSet, 'index'> {
  readonly scope: string;
}

/** A page of one index. */
export interface IndexPaging extends Pick<Scan, 'reverse' | 'limit' | 'after'> {
  readonly index: string;
}

export interface Tables {
  row(scope: string, table: string, key: string): Promise<Row | undefined>;
  /** In the order of `keys` (at most `MAX_PAGE`), undefined where there is none. */
  rows(scope: string, table: string, keys: readonly string[]): Promise<readonly (Row | undefined)[]>;
  scan(scope: string, table: string, scan: Scan): Promise<Page>;
  /** As `scan`, of several sets as if they were one. They have no row in common. */
  scanSets(sets: readonly ScopedRows[], table: string, paging: IndexPaging): Promise<Page>;
  /**
   * How many rows there are in the set, exactly; undefined when there are more than `most` (1 to
   * `MAX_COUNTED`).
   */
  countRows(scope: string, table: string, rows: RowSet, most: number): Promise<number | undefined>;
}
