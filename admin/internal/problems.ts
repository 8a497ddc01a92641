// Answers every error of the admin port as a problem document (RFC 9457).
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { PROBLEM_CONTENT_TYPE, toProblem } from '../../core/problem.ts';

export const nothingHere: RequestHandler = request => {
  throw new TenfoldError(
    'not-found',
    `The admin port has nothing at ${shorten(request.path)}. GET /api/info says what runs.`,
  );
};

/** For read-only paths. */
export const onlyGet: RequestHandler = (request, response) => {
  response.setHeader('allow', 'GET, HEAD');
  throw new TenfoldError('method-not-allowed', `${shorten(request.path)} can only be read (GET, HEAD).`);
};

/** For paths that only change something, or query with a body. */
export function only(method: string): RequestHandler {
  return (_request, response) => {
    response.setHeader('allow', method);
    throw new TenfoldError('method-not-allowed', `This takes ${method} only.`);
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
