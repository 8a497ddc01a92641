// Requests that node:http refuses before a handler sees them: their heads are malformed or too
// large, or come too slowly. They are answered and reported like those that a handler refuses.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TenfoldError } from '../../core/errors.ts';
import { nodeHttp } from '../../core/http/node-http.ts';
import { childContext } from '../../core/trace-context.ts';
import { reasonOf } from '../exchange/reason-of.ts';
import { type ProblemAnswer, toProblemAnswer } from '../http/problem-answer.ts';
import type { Answered } from './answered.ts';

/** Undefined: the connection broke, and nobody is there for an answer. */
export function refusalOf(error: unknown): TenfoldError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new TenfoldError('request-timeout', 'The head of the request did not come in time.', { cause: error });
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new TenfoldError('head-too-large', 'The head of the request is larger than 16 KiB.', { cause: error });
  }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    return new TenfoldError('body-too-large', 'The extensions of chunks are larger than allowed.', { cause: error });
  }
  if (!code.startsWith('HPE_')) return undefined;
  return new TenfoldError('bad-request', 'The request is not valid HTTP/1.1.', { cause: error });
}

export function isRefused(error: unknown): boolean {
  return refusalOf(error) !== undefined;
}

/**
 * Answers what a connection broke with, and closes it. `current`: the answer that is under way
 * there; who makes it reports it.
 */
export function refuseUnread(
  error: Error,
  socket: Socket,
  current: ServerResponse | undefined,
): Omit<Answered, 'listener' | 'client'> | undefined {
  if (isOfHandshake(error)) {
    socket.destroy();
    return { ...UNREAD, status: 0, trace: childContext(undefined).traceId, reason: 'client.tls', failure: error };
  }
  const refusal = refusalOf(error);
  if (refusal === undefined || !socket.writable || current?.headersSent === true) {
    socket.destroy(error);
    return undefined;
  }
  const trace = childContext(undefined).traceId;
  const answer = toProblemAnswer(refusal, trace);
  if (current !== undefined) {
    socket.write(toBytes(answer));
    socket.destroy(error);
    return undefined;
  }
  socket.write(toBytes(answer));
  socket.destroySoon();
  return { ...UNREAD, status: answer.status, trace, reason: reasonOf(refusal), failure: refusal };
}

const UNREAD = {
  ...{ method: '', path: '', host: undefined, route: undefined, consumer: undefined, exchange: undefined },
  ...{ durationMs: 0, logged: true },
} as const;

/** A client that only leaves, as a scan of ports does, is none of them. */
function isOfHandshake(error: Error): boolean {
  return 'code' in error && /^ERR_(?:SSL|TLS)_/.test(String(error.code));
}

function toBytes({ status, fields, body }: ProblemAnswer): string {
  const lines = [`HTTP/1.1 ${status} ${nodeHttp().STATUS_CODES[status]}`];
  for (let index = 0; index < fields.length; index += 2) lines.push(`${fields[index]}: ${fields[index + 1]}`);
  lines.push('connection: close', `content-length: ${Buffer.byteLength(body)}`, '', body);
  return lines.join('\r\n');
}
