// SQL over archives, live windows and Views in the admin API, and its requests.
import { TenfoldError } from '../core/errors.ts';

export interface SqlQuestion {
  readonly namespace: string;
  readonly sql: string;
  /** Days, inclusive, `2026-11-25`: archives are asked for no others. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /**
   * Rows after which the answer ends, and says so. Without it, an answer of
   * more than 10,000 rows fails.
   */
  readonly rows?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /**
   * Leaves out files that are damaged and says so in a note, rather than
   * failing where they are needed.
   */
  readonly leaveOut?: boolean | undefined;
  /**
   * Leaves out events, windows or rows beyond what a query reads and says so in a
   * note, rather than failing.
   */
  readonly partial?: boolean | undefined;
}

export interface SqlColumnReport {
  readonly name: string;
  /** The type of DuckDB, e.g. `BIGINT`. */
  readonly type: string;
}

export interface SqlTableReport {
  readonly namespace: string;
  /** The name as a query writes it. */
  readonly name: string;
  /**
   * `archive`: all events that it keeps. `window`: the windows that are open now. `view`: the rows
   * of a View now.
   */
  readonly kind: 'archive' | 'window' | 'view';
  /** The Pipeline of an archive or a window. */
  readonly pipeline?: string;
  /** The View of a `view`. */
  readonly view?: string;
  readonly columns: readonly SqlColumnReport[];
  /** The number of files of an archive. */
  readonly files?: number;
  readonly bytes?: number;
}

export type SqlAnswer =
  /** Files are brought near. */
  | { readonly kind: 'reading'; readonly bytes: number; readonly of: number }
  | { readonly kind: 'progress'; readonly percent: number }
  | { readonly kind: 'columns'; readonly columns: readonly SqlColumnReport[] }
  | { readonly kind: 'rows'; readonly rows: readonly (readonly unknown[])[] }
  /** A note for the author of the query. */
  | { readonly kind: 'note'; readonly message: string }
  | {
      readonly kind: 'done';
      readonly rows: number;
      /** There would have been more than the rows that were asked for. */
      readonly truncated?: 'rows' | undefined;
      readonly tookMs: number;
    };

export interface SqlControl {
  tables(namespace: string | undefined): Promise<readonly SqlTableReport[]>;
  /**
   * Throws `invalid-query`, `query-too-large`, `timeout`, `overloaded`, `unsupported`,
   * `data-corrupt`. Ends when the signal says so.
   */
  ask(question: SqlQuestion, signal: AbortSignal): AsyncGenerator<SqlAnswer>;
}

/** For a platform without storage. */
export const noSql: SqlControl = {
  tables: async () => [],
  // biome-ignore lint/correctness/useYield: it has nothing to give.
  async *ask() {
    throw new TenfoldError('unsupported', 'This platform keeps no events, so there is nothing to ask.');
  },
};
