// How clients reach the internal listener: the one thing that differs between
// a real process and a test.
import type { IncomingHttpHeaders } from 'node:http';

export interface TransportRequest {
  readonly method: string;
  /** Path and query at the listener, e.g. `/functions/orders/7?full=1`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
  /**
   * Whether it does no more when it arrives twice. When absent its method says
   * so, or an `Idempotency-Key`.
   */
  readonly idempotent?: boolean | undefined;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The connection was not to be had, or broke off. */
export class NoAnswer extends Error {
  override readonly name: string = 'NoAnswer';
  /** Whether any of the request may have arrived. */
  readonly sent: boolean;

  constructor(message: string, { sent, cause }: { readonly sent: boolean; readonly cause: unknown }) {
    super(message, { cause });
    this.sent = sent;
  }
}

/** Rejects only when there is no answer: with `NoAnswer`, or with the signal's reason. */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;
