// What a transport reports, with codes as sockets have them: policies and messages go by these alone.

/**
 * ECONNRESET: the connection ended before the answer was whole. ETIMEDOUT: no connection in time. EPROTO: the answer is not HTTP as it
 * must be. EMSGSIZE: its head is too large. EADDRNOTALLOWED: the address policy refuses it. EINVAL: the request cannot be written.
 */
export type TransportErrorCode = 'ECONNRESET' | 'ETIMEDOUT' | 'EPROTO' | 'EMSGSIZE' | 'EADDRNOTALLOWED' | 'EINVAL';

export class TransportError extends Error {
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
