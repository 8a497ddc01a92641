// The error that a transport reports, with codes as sockets have them: policies and messages go by
// these alone.

/**
 * ECONNRESET: the connection ended before the answer was whole. ETIMEDOUT: no connection in time.
 * EPROTO: the answer is not HTTP as it must be. EMSGSIZE: its head is too large. EADDRNOTALLOWED:
 * the address policy refuses it. EINVAL: the request cannot be written.
 */
export type TransportErrorCode = 'ECONNRESET' | 'ETIMEDOUT' | 'EPROTO' | 'EMSGSIZE' | 'EADDRNOTALLOWED' | 'EINVAL';

/**
 * The request itself, or its destination, is at fault: no later try can send it either. Codes
 * of ours, of undici (which takes https) and of Node.
 */
const UNSENDABLE: ReadonlySet<unknown> = new Set([
  'EADDRNOTALLOWED',
  'EINVAL',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'ERR_INVALID_URL',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
  'ERR_INVALID_ARG_TYPE',
  'ERR_INVALID_ARG_VALUE',
  'ERR_SOCKET_BAD_PORT',
]);

/** `code`: of an error that came before anything was sent. */
export function isUnsendable(code: string | undefined): boolean {
  return UNSENDABLE.has(code);
}

/** For an attempt at several addresses, the error of the first one. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export class TransportError extends Error {
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
