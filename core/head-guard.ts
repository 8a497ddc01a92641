// Refuses requests whose head is wrong, at listeners that take all others as they come: the runtime of functions and the admin port.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TenfoldError } from './errors.ts';
import { PROBLEM_CONTENT_TYPE, toProblem } from './problem.ts';
import { checkRequest } from './request-check.ts';

export interface HeadGuard {
  /** True: the request was answered, or belongs to a connection on which nothing is answered any more. */
  refuses(request: IncomingMessage, response: ServerResponse): boolean;
}

/** One for a listener. */
export function createHeadGuard(): HeadGuard {
  /** Connections whose last answer has been given: node:http goes on to parse what was pipelined behind it. */
  const ended = new WeakSet<Socket>();
  return {
    refuses(request, response) {
      if (ended.has(request.socket)) return true;
      const error = whatIsWrong(request);
      if (error === undefined) return false;
      ended.add(request.socket);
      const problem = toProblem(error);
      const body = JSON.stringify(problem);
      response.writeHead(problem.status, {
        'content-type': PROBLEM_CONTENT_TYPE,
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        connection: 'close',
      });
      response.end(request.method === 'HEAD' ? undefined : body);
      return true;
    },
  };
}

function whatIsWrong(request: IncomingMessage): TenfoldError | undefined {
  try {
    checkRequest(request);
  } catch (error) {
    if (error instanceof TenfoldError) return error;
    throw error;
  }
  if (request.method === 'TRACE' || request.method === 'CONNECT')
    return new TenfoldError('method-not-allowed', `${request.method} is not answered here.`);
  return undefined;
}
