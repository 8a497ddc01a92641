// How clients reach the internal doors: the one thing that differs between a real process and a test.
import type { IncomingHttpHeaders } from 'node:http';

export interface DoorRequest {
  readonly method: string;
  /** Path and query at the doors, e.g. `/functions/orders/7?full=1`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
}

export interface DoorResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Rejects only when there is no answer: connection failed, or the signal's reason. */
export type Transport = (request: DoorRequest) => Promise<DoorResponse>;
