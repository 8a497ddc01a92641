// The messages that the process of a query reads on its standard input and writes on its standard
// output, one JSON document a line.

export interface SqlRequest {
  readonly sql: string;
  readonly tables: readonly SqlTable[];
  readonly limits: SqlLimits;
}

/** Files are paths from the working folder of the process; nothing else can be read. */
export interface SqlTable {
  /** The name as a query writes it. */
  readonly name: string;
  readonly parts: readonly SqlPart[];
  /** Its columns with the data of events are NULL. */
  readonly withoutData?: true;
}

/** Parts of a table have the same columns. */
export type SqlPart =
  | {
      /** Files of an archive; the folders they are in give further columns. */
      readonly kind: 'archive';
      readonly format: 'parquet' | 'jsonl';
      readonly files: readonly string[];
      /**
       * Whether the table has a column for the hour, and whether the files
       * are in folders that say it.
       */
      readonly hours: boolean;
      readonly byHour: boolean;
      /** Names of further folders, each a column. A file without such a folder has no value. */
      readonly folders: readonly string[];
    }
  /** Events that are in no file yet, as Parquet. */
  | { readonly kind: 'tail'; readonly file: string; readonly hours: boolean; readonly folders: readonly string[] }
  /**
   * A file that cannot be read, with the day and hour that all its events are of. A query that asks
   * for them fails with the message, and other queries do not.
   */
  | {
      readonly kind: 'damaged';
      readonly message: string;
      readonly date: string;
      readonly hour: number | undefined;
      readonly hours: boolean;
      /** Further folders, as they are named, with their values where the file has them. */
      readonly folders: readonly { readonly name: string; readonly value: string | undefined }[];
    }
  /** Rows as JSON lines. */
  | { readonly kind: 'rows'; readonly file: string; readonly columns: readonly SqlColumn[] };

export interface SqlColumn {
  readonly name: string;
  /** The type of DuckDB, e.g. `BIGINT`. */
  readonly type: string;
}

export interface SqlLimits {
  /** Bytes of memory for the query itself. */
  readonly memory: number;
  readonly threads: number;
  /** The most rows of the answer: more are an error, unless it is to end there. */
  readonly rows: number;
  readonly endsAtRows: boolean;
  /** The most bytes of the answer: more are an error. */
  readonly bytes: number;
}

export type SqlMessage =
  | { readonly kind: 'columns'; readonly columns: readonly SqlColumn[] }
  | { readonly kind: 'rows'; readonly rows: readonly (readonly unknown[])[] }
  /** `percent`: 0 to 100. */
  | { readonly kind: 'progress'; readonly percent: number }
  | SqlDone
  | SqlFailure;

export interface SqlDone {
  readonly kind: 'done';
  readonly rows: number;
  /** There would have been more. */
  readonly truncated?: 'rows' | undefined;
}

export interface SqlFailure {
  readonly kind: 'failed';
  readonly code: SqlFailureCode;
  readonly message: string;
  /** The place in the query, counted from 1; columns in characters. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** The prefix of messages about damaged files inside DuckDB. */
export const DAMAGED = 'tenfold-data-corrupt: ';

export type SqlFailureCode = 'data-corrupt' | 'invalid-query' | 'query-too-large' | 'unsupported' | 'internal';
