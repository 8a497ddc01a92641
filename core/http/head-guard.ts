// Refuses requests whose head is wrong, at listeners that take all others as they come: the runtime
// of functions and the admin port.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TenfoldError } from '../errors.ts';
import { PROBLEM_CONTENT_TYPE, toProblem } from '../problem.ts';
import type { World } from '../world.ts';
import { createLastAnswers } from './last-answers.ts';
import { type CheckedRequest, checkRequest } from './request-check.ts';

export interface HeadGuard {
  /**
   * Undefined: the request was answered, or belongs to a connection on which
   * nothing is answered any more.
   */
  admit(request: IncomingMessage, response: ServerResponse): CheckedRequest | undefined;
  /**
   * To be asked when an answer begins: whether it must close the connection, because a part of the
   * request's body has not arrived.
   */
  endsWith(request: IncomingMessage, hasBody: boolean): boolean;
}

/** One for a listener. */
export function createHeadGuard(world: Pick<World, 'after'>): HeadGuard {
  const last = createLastAnswers(world);
  return {
    admit(request, response) {
      if (last.has(request.socket)) return undefined;
      const checked = check(request);
      if (!(checked instanceof TenfoldError)) return checked;
      last.add(request.socket);
      const problem = toProblem(checked);
      const body = JSON.stringify(problem);
      response.writeHead(problem.status, {
        'content-type': PROBLEM_CONTENT_TYPE,
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        connection: 'close',
      });
      response.end(request.method === 'HEAD' ? undefined : body);
      return undefined;
    },
    endsWith(request, hasBody) {
      if (!hasBody || request.complete) return false;
      last.add(request.socket);
      return true;
    },
  };
}

/**
 * For a handler that writes its answers by itself, such as Express: each that leaves a body
 * unread closes the connection.
 */
export function closeUnread(
  guard: HeadGuard,
  request: IncomingMessage,
  response: ServerResponse,
  { hasBody }: CheckedRequest,
): void {
  if (!hasBody) return;
  let keepAlive = response.shouldKeepAlive;
  // node:http asks for it when it writes the head of the answer, and nobody else does.
  Object.defineProperty(response, 'shouldKeepAlive', {
    get: () => !guard.endsWith(request, hasBody) && keepAlive,
    set: (value: boolean) => {
      keepAlive = value;
    },
  });
}

function check(request: IncomingMessage): CheckedRequest | TenfoldError {
  try {
    const checked = checkRequest(request);
    if (request.method !== 'TRACE' && request.method !== 'CONNECT') return checked;
    return new TenfoldError('method-not-allowed', `${request.method} is not answered here.`);
  } catch (error) {
    if (error instanceof TenfoldError) return error;
    throw error;
  }
}
