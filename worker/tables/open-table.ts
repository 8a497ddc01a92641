// How a sink gets the table of a database that it writes to.
import type { TableSink } from '../../drivers/table-sink/table-sink.ts';
import type { TableSpec } from './table-rows.ts';

export interface OpenTableOptions {
  readonly namespace: string;
  readonly spec: TableSpec;
  /** Tells platforms apart that write to one database. */
  readonly installation: string;
  /** Names the sink within the platform. */
  readonly sink: string;
  /** Ends its connections. */
  readonly signal: AbortSignal;
}

export type OpenTable = (options: OpenTableOptions) => Promise<TableSink>;
