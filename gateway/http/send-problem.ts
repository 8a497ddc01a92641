// Answers a request with a problem document (RFC 9457), or cuts the connection when an answer has already begun.
import type { ServerResponse } from 'node:http';
import { TenfoldError } from '../../core/errors.ts';
import { isFatalForConnection, PROBLEM_CONTENT_TYPE, toProblem } from '../../core/problem.ts';

export function sendProblem(response: ServerResponse, error: unknown, traceId: string | undefined): void {
  if (response.headersSent) {
    // The client has part of an answer: only a cut tells it that the rest is missing.
    response.destroy();
    return;
  }
  const problem = toProblem(error, traceId);
  const body = JSON.stringify(problem);
  const fields = [
    'content-type',
    PROBLEM_CONTENT_TYPE,
    'content-length',
    String(Buffer.byteLength(body)),
    'cache-control',
    'no-store',
  ];
  if (error instanceof TenfoldError && error.retryAfterSeconds !== undefined) {
    fields.push('retry-after', String(error.retryAfterSeconds));
  }
  // The body of a refused request may not have been read: what follows on the connection cannot be told from it.
  if (isFatalForConnection(error) || !response.req.complete) fields.push('connection', 'close');
  response.writeHead(problem.status, fields);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
