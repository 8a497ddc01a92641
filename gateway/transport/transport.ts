// The one interface to everything behind the gateway; the proxy knows nothing of sockets or pools.
import type { Duplex, Readable } from 'node:stream';
import type { AnswerReason } from '../../core/answer-reasons.ts';
import type { Reuse } from '../../resources/kinds/calls/connections.ts';

export interface UpstreamRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  /**
   * Origin to connect to instead, of plain HTTP like the other one. The sent bytes are the same.
   */
  readonly via?: string | undefined;
  /** Path with query. */
  readonly path: string;
  readonly method: string;
  /** Name and value in turn. */
  readonly headers: string[];
  readonly body: Readable | string | Buffer | null;
  /** Longest time to open a connection, milliseconds. Undefined: that of the transport. */
  readonly connectTimeoutMs?: number | undefined;
  /** Whether others may use the connection after it. Undefined: `always`. */
  readonly reuse?: Reuse | undefined;
  /** Protocol that the connection is to change to. */
  readonly upgrade?: string | null;
}

/** Lets the receiver of an answer slow it down or give it up. */
export interface UpstreamControl {
  /** Fields of the answer, name and value in turn, as received. */
  readonly rawHeaders?: Buffer[] | string[] | object | null;
  /** The gateway made this answer itself: its `tenfold-` fields are to be kept. */
  readonly own?: boolean;
  /** Why that answer is an error. */
  readonly ownReason?: AnswerReason | undefined;
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/**
 * Receives one answer: start, then data, then either end or error. The shape is that of
 * undici's dispatch handler, so that nothing stands between the socket and the proxy (an extra
 * object per request was measurable).
 */
export interface UpstreamHandler {
  onRequestStart(control: UpstreamControl): void;
  /**
   * Only for requests with `upgrade`: the target has agreed and `socket`, which is
   * paused, speaks the new protocol.
   */
  onRequestUpgrade?(control: UpstreamControl, status: number, headers: unknown, socket: Duplex): void;
  onResponseStart(control: UpstreamControl, status: number): void;
  onResponseData(control: UpstreamControl, chunk: Buffer): void;
  onResponseEnd(control: UpstreamControl): void;
  onResponseError(control: UpstreamControl, error: Error): void;
}

/** Whether nobody is to use the connection after this request. */
export function isLastOfConnection({ reuse, body }: Pick<UpstreamRequest, 'reuse' | 'body'>): boolean {
  return reuse === 'never' || (reuse === 'safe' && body !== null);
}

export interface Transport {
  send(request: UpstreamRequest, handler: UpstreamHandler): void;
  /** Ends idle connections, waits for busy ones. */
  close(): Promise<void>;
  /** Ends every connection now. */
  destroy(): Promise<void>;
}
