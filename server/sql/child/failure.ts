// The failure of a query, in words for its author, with its place in the query.
import { DAMAGED, type SqlFailure, type SqlFailureCode } from '../messages.ts';

/** Is what DuckDB says with `errors_as_json`. */
interface DuckdbError {
  readonly exception_type?: string;
  readonly exception_message?: string;
  /** Bytes from the beginning of the query. */
  readonly position?: string;
}

export class QueryError extends Error {
  readonly code: SqlFailureCode;

  constructor(code: SqlFailureCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function toFailure(error: unknown, sql: string): SqlFailure {
  if (error instanceof QueryError) return { kind: 'failed', code: error.code, message: error.message };
  const text = error instanceof Error ? error.message : String(error);
  const said = parse(text);
  if (said?.exception_message === undefined) return { kind: 'failed', code: 'internal', message: text };
  const message = said.exception_message.trim();
  const damaged = message.indexOf(DAMAGED);
  if (damaged >= 0) return { kind: 'failed', code: 'data-corrupt', message: message.slice(damaged + DAMAGED.length) };
  switch (said.exception_type) {
    case 'Out of Memory':
      return {
        kind: 'failed',
        code: 'query-too-large',
        message:
          'The query needs more memory than it may have. Narrow it down: fewer rows, fewer groups, a shorter time.',
      };
    case 'Permission':
      return {
        ...failed('Files, other databases and settings cannot be reached from a query.'),
        ...placeOf(said, sql),
      };
    case 'INTERNAL':
    case 'FATAL':
      return { kind: 'failed', code: 'internal', message };
    default:
      return { ...failed(message), ...placeOf(said, sql) };
  }
}

function failed(message: string): SqlFailure {
  return { kind: 'failed', code: 'invalid-query', message };
}

function parse(text: string): DuckdbError | undefined {
  const start = text.indexOf('{');
  if (start < 0) return undefined;
  try {
    return JSON.parse(text.slice(start));
  } catch {
    return undefined;
  }
}

function placeOf({ position }: DuckdbError, sql: string): { readonly line?: number; readonly column?: number } {
  if (position === undefined || !/^\d+$/.test(position)) return {};
  const before = Buffer.from(sql).toString('utf8', 0, Number(position)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
