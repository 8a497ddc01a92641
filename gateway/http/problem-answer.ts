// The answer that an error becomes: a problem document (RFC 9457) with the
// fields that belong to it.
import type { ServerResponse } from 'node:http';
import { type Code, errorCodes, TenfoldError } from '../../core/errors.ts';
import { isFatalForConnection, PROBLEM_CONTENT_TYPE, toProblem } from '../../core/problem.ts';

export interface ProblemAnswer {
  readonly status: number;
  /** Name and value in turn, without Content-Length. */
  readonly fields: string[];
  readonly body: string;
}

/**
 * Codes whose messages are about the installation, its functions and expressions,
 * and not about the request.
 */
const INWARD: ReadonlySet<string> = new Set<Code>([
  ...([
    'bad-gateway',
    'circuit-open',
    'overloaded',
    'expression-failed',
    'unknown-function',
    'function-crashed',
  ] as const),
  ...(['function-off', 'unsupported', 'log-unavailable', 'store-unavailable', 'cluster-unavailable'] as const),
  ...(['later-release', 'not-ready', 'data-corrupt', 'storage-unusable', 'auth-unavailable'] as const),
]);

/**
 * The part of an error that a client outside may see: no names of hosts, functions or resources,
 * and no expressions.
 */
function forPublic(error: unknown): unknown {
  if (!(error instanceof TenfoldError)) return error;
  const { code, publicMessage, retryAfterSeconds, extensions } = error;
  if (publicMessage === undefined && !INWARD.has(code)) return error;
  const options = retryAfterSeconds === undefined ? { extensions } : { extensions, retryAfterSeconds };
  return new TenfoldError(code, publicMessage ?? `${errorCodes[code].title}.`, options);
}

/** `inside`: for callers who may learn all. */
export function toProblemAnswer(error: unknown, trace: string, inside = false): ProblemAnswer {
  const problem = toProblem(inside ? error : forPublic(error), trace);
  const fields = ['content-type', PROBLEM_CONTENT_TYPE, 'cache-control', 'no-store'];
  if (error instanceof TenfoldError && error.retryAfterSeconds !== undefined) {
    fields.push('retry-after', String(error.retryAfterSeconds));
  }
  if (isFatalForConnection(error)) fields.push('connection', 'close');
  return { status: problem.status, fields, body: JSON.stringify(problem) };
}

/** Answers a request that never became an exchange. `unread`: some of its body has not arrived. */
export function sendProblem(
  response: ServerResponse,
  error: unknown,
  trace: string,
  unread: boolean,
  inside: boolean,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, fields, body } = toProblemAnswer(error, trace, inside);
  if (unread) response.shouldKeepAlive = false;
  response.writeHead(status, [...fields, 'content-length', String(Buffer.byteLength(body))]);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
