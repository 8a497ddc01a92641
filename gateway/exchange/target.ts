// A target answers calls: a function, an address, an aggregate, or any of them behind policies such
// as retries. All look alike.

import type { Readable } from 'node:stream';
import type { CallerKind } from '../../core/caller-kind.ts';
import type { TraceContext } from '../../core/trace-context.ts';
import type { Reuse } from '../../resources/kinds/calls/connections.ts';
import type { UpstreamHandler } from '../transport/transport.ts';
import type { RequestVariables } from './variables.ts';

/** The place to which a call was sent, to translate addresses in the answer. */
export interface Place {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Origin to connect to instead; the target and its caller do not see that. */
  readonly via?: string | undefined;
  /** Path in front of every path there, without a trailing slash. */
  readonly basePath: string;
  /** As of `UpstreamRequest`. */
  readonly reuse?: Reuse | undefined;
}

/**
 * One call to a target, and the receiver of its answer. The answer comes as onResponseStart,
 * onResponseData …, onResponseEnd; or as one onResponseError or fail. The owner of the call ends
 * it; after that targets must not touch it.
 */
export interface Call extends UpstreamHandler {
  readonly method: string;
  /** Path with query, as the target sees it. */
  readonly path: string;
  /**
   * Name (lower case) and value in turn; without Host, hop-by-hop fields, trace and
   * deadline, which the target adds.
   */
  readonly headers: readonly string[];
  /** A stream can be sent once only; text and bytes as often as needed. */
  readonly body: Readable | Buffer | string | null;
  readonly trace: TraceContext;
  /**
   * Variables of the call for an aggregate's expressions; made on first use. A policy passes on
   * those of the call it serves.
   */
  readonly variables: RequestVariables;
  /** Milliseconds until the answer must begin, at least 1. */
  readonly remainingMs: number;
  /**
   * When a part of a streamed body came last, by the monotonic clock: time limits stand
   * still while the client sends.
   */
  readonly bodyAt?: number | undefined;
  /** Longest time to open a connection, milliseconds. Undefined: that of the transport. */
  readonly connectTimeoutMs?: number | undefined;
  /** Aborts at the deadline, and when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** 0 to 9: which goes first where calls wait for the limits of a function. Undefined: 5. */
  readonly priority?: number | undefined;
  /**
   * On whose behalf it is made: parties take turns where calls wait for the limits of a function.
   * Undefined: all such are one party.
   */
  readonly party?: string | undefined;
  /**
   * Milliseconds that its work may take from when it begins: limits take no time of it while it
   * waits for its turn. The caller may have to give it up meanwhile, as when a partition moves. The
   * target may work on all the same, so limits count the call until that time is over. Undefined
   * for requests,
   * whose time includes the wait: or who leaves again and again would use up what others need.
   */
  readonly workMs?: number | undefined;
  /**
   * True of an event that asks for pauses while others are answered: what its answer asks for, it
   * asks for itself, and no other caller waits for that.
   */
  readonly asksAlone?: boolean | undefined;
  /**
   * Its point in a split, from 0 to 1: the same for a client that is to stay at its target.
   * Undefined: anywhere.
   */
  readonly point?: number | undefined;
  /** Its maker, for the metrics. Undefined: the gateway, for a request. */
  readonly by?: CallerKind | undefined;
  /** Once it has ended: whether that was since its time was over. */
  readonly late?: boolean | undefined;
  /** True once an answer of the target has begun to arrive. */
  readonly begun: boolean;
  /** True once it is answered or given up. */
  readonly ended: boolean;
  /** Protocol that the connection is to change to, e.g. `websocket`. */
  readonly upgrade?: string | undefined;
  /** Set by the target that sends it. */
  place: Place | undefined;
  /** Told each time that it goes to the transport, for the access log. */
  attempted?(): void;
  /** Told when the circuit breaker of its target was not closed, for the access log. */
  metBreaker?(state: BreakerMet): void;
  /** Calls `release` exactly once, when the call has ended in whatever way. */
  hold(release: () => void): void;
  /** The call cannot be made; errors of ours keep their meaning. */
  fail(error: unknown): void;
}

/** The state of a circuit breaker that a call met; `half-open` also of one that was let through. */
export type BreakerMet = 'open' | 'half-open';

export interface Target {
  /** For people, without anything secret: `function orders`, `url api.example`. */
  readonly label: string;
  /**
   * Milliseconds for which it would refuse every call: its breaker is open, it is not well, or it
   * asked for a pause. Absent: never.
   */
  restsForMs?(): number;
  /** Never throws: failures are reported to the call. */
  send(call: Call): void;
}
