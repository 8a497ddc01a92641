// Turns errors into problem documents (RFC 9457) that never leak what an unexpected error says.
import { errorCodes, TenfoldError } from './errors.ts';

/**
 * The page that the `type` addresses of problems point to; each is a heading of
 * docs/reference/errors.md.
 */
const TYPE_BASE = 'https://tenfold.dev/errors#';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** Trace id of the request, to find it in the logs. */
  readonly trace?: string;
  readonly [extension: string]: unknown;
}

/**
 * The problem document for `error`. Errors that are not `TenfoldError`s become a plain
 * `internal` without any detail.
 */
export function toProblem(error: unknown, trace?: string): Problem {
  const known = error instanceof TenfoldError && error.code !== 'internal' ? error : undefined;
  const code = known?.code ?? 'internal';
  return {
    ...known?.extensions,
    type: TYPE_BASE + code,
    title: errorCodes[code].title,
    status: errorCodes[code].status,
    ...(known ? { detail: known.message } : {}),
    ...(trace ? { trace } : {}),
  };
}

/**
 * Whether the connection must end with this answer, since what else it carries cannot be trusted.
 */
export function isFatalForConnection(error: unknown): boolean {
  return error instanceof TenfoldError && error.code === 'bad-request';
}
