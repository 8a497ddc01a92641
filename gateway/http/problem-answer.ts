// The answer that an error becomes: a problem document (RFC 9457) with the fields that belong to it.
import type { ServerResponse } from 'node:http';
import { TenfoldError } from '../../core/errors.ts';
import { isFatalForConnection, PROBLEM_CONTENT_TYPE, toProblem } from '../../core/problem.ts';

export interface ProblemAnswer {
  readonly status: number;
  /** Name and value in turn, without Content-Length. */
  readonly fields: string[];
  readonly body: string;
}

/** `unread`: whether some of the request's body has not arrived. Then what follows on the connection cannot be told from it. */
export function toProblemAnswer(error: unknown, traceId: string, unread: boolean): ProblemAnswer {
  const problem = toProblem(error, traceId);
  const fields = ['content-type', PROBLEM_CONTENT_TYPE, 'cache-control', 'no-store'];
  if (error instanceof TenfoldError && error.retryAfterSeconds !== undefined) {
    fields.push('retry-after', String(error.retryAfterSeconds));
  }
  if (isFatalForConnection(error) || unread) fields.push('connection', 'close');
  return { status: problem.status, fields, body: JSON.stringify(problem) };
}

/** Answers a request that never became an exchange. */
export function sendProblem(response: ServerResponse, error: unknown, traceId: string, unread: boolean): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, fields, body } = toProblemAnswer(error, traceId, unread);
  response.writeHead(status, [...fields, 'content-length', String(Buffer.byteLength(body))]);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
