// The knowledge that a process has of a source that it reads, or would read.
import { isRetryable, TenfoldError } from '../../core/errors.ts';
import { REFUSALS, type Refusal } from './source-plan.ts';

/** A row that becomes no event. It stays in its table and is tried again from time to time. */
export interface RowAside {
  readonly id: string;
  readonly refusal: Refusal;
  readonly message: string;
}

/** The place that a failure came from: the database, its table, the event log, or our code. */
export const SOURCE_FAILURES = ['database', 'table', 'log', 'other'] as const;
export type SourceFailure = (typeof SOURCE_FAILURES)[number];

export interface SourceFigures {
  /** `standby`: another process reads it. `failing`: `lastError` says why; it is tried again. */
  state: 'starting' | 'standby' | 'running' | 'failing';
  lastError: string | undefined;
  /** Milliseconds since 1970: it has failed since then. */
  failingSince: number | undefined;
  /** Rows whose events this process has put into the log. */
  read: number;
  readonly refused: Record<Refusal, number>;
  readonly failures: Record<SourceFailure, number>;
  /** Rows that wait in the table, as far as they were counted; undefined where not known. */
  waiting: number | undefined;
  /** Age of the oldest of them, rows aside excepted; undefined where not known. */
  ageMs: number | undefined;
  aside: readonly RowAside[];
}

export function newSourceFigures(): SourceFigures {
  const zero = <K extends string>(names: readonly K[]) =>
    Object.fromEntries(names.map(name => [name, 0])) as Record<K, number>;
  return {
    state: 'starting',
    lastError: undefined,
    failingSince: undefined,
    read: 0,
    refused: zero(REFUSALS),
    failures: zero(SOURCE_FAILURES),
    waiting: undefined,
    ageMs: undefined,
    aside: [],
  };
}

export function sourceFailureOf(error: unknown): SourceFailure {
  if (!(error instanceof TenfoldError)) return 'other';
  if (error.code === 'bad-gateway') return 'database';
  if (error.code === 'storage-unusable') return 'table';
  return isRetryable(error) || error.code === 'not-found' ? 'log' : 'other';
}
