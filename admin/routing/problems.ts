// Answers every error of the admin port as a problem document (RFC 9457).
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { PROBLEM_CONTENT_TYPE, toProblem } from '../../core/problem.ts';

export const nothingHere: RequestHandler = request => {
  throw new TenfoldError(
    'not-found',
    `The admin port has nothing at ${shorten(request.path)}. GET /api lists what there is.`,
  );
};

/** For read-only paths. */
export const onlyGet: RequestHandler = (request, response) => {
  response.setHeader('allow', 'GET, HEAD');
  throw new TenfoldError('method-not-allowed', `${shorten(request.path)} can only be read (GET, HEAD).`);
};

/** For the methods that a path does not take. */
export function only(methods: readonly string[]): RequestHandler {
  if (methods.every(method => method === 'GET')) return onlyGet;
  const allowed = methods.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return (request, response) => {
    response.setHeader('allow', allowed.join(', '));
    throw new TenfoldError('method-not-allowed', `${shorten(request.path)} takes ${allowed.join(', ')} only.`);
  };
}

export function answerErrors(onError: (error: unknown) => void): ErrorRequestHandler {
  // Express recognises error handlers by their four parameters.
  return (error: unknown, _request, response, _next) => {
    const known = error instanceof TenfoldError ? error : malformed(error);
    if (!known || known.code === 'internal') onError(error);
    if (response.headersSent) return void response.destroy();
    sendProblem(response, known ?? error);
  };
}

function sendProblem(response: Response, error: unknown): void {
  const problem = toProblem(error);
  const wait = error instanceof TenfoldError ? error.retryAfterSeconds : undefined;
  if (wait !== undefined) response.setHeader('retry-after', wait);
  response.status(problem.status).type(PROBLEM_CONTENT_TYPE).send(JSON.stringify(problem));
}

/** Faults of a request that Express itself finds, e.g. a path that does not decode. */
function malformed(error: unknown): TenfoldError | undefined {
  if (error instanceof URIError) return new TenfoldError('bad-request', 'The path is not valid percent-encoded UTF-8.');
  switch (error instanceof Error && 'type' in error ? error.type : undefined) {
    case 'entity.parse.failed':
      return new TenfoldError('bad-request', 'The body is not valid JSON.');
    case 'entity.too.large':
      return new TenfoldError('body-too-large', 'The body is larger than anything that is asked for here.');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new TenfoldError('unsupported-media-type', 'The body must be JSON in UTF-8.');
    default:
      return undefined;
  }
}

function shorten(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}
