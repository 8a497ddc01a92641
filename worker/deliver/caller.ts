// The port between deliveries and the targets of calls: a function, an address, an aggregate, with
// the limits and breakers that all callers share.
import type { PlacedCause } from '../../core/cause.ts';
import type { TraceContext } from '../../core/trace-context.ts';

export interface CallRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** Name (lower case) and value in turn; the caller adds trace and deadline. */
  readonly headers: readonly string[];
  readonly body: Buffer | string | null;
  /** A stream in place of the body, sent while it is made. */
  readonly stream?: AsyncIterable<Uint8Array>;
  /** The trace that the call continues; undefined begins a new one. */
  readonly trace: TraceContext | undefined;
  /** Undefined: the time limit of the target. */
  readonly timeoutMs: number | undefined;
  /** Largest body of the answer. */
  readonly maxAnswerBytes: number;
  /** The higher priority goes first where several share a budget. */
  readonly priority: number;
  /**
   * Parties take turns where several share a budget: the consumer group. Undefined: all calls
   * without one are one party.
   */
  readonly party?: string | undefined;
  /** See the same of `DeliveryItem`. */
  readonly asksAlone?: boolean | undefined;
}

export interface CallAnswer {
  readonly status: number;
  /** Name (in any case) and value in turn, without hop-by-hop fields. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** Why the target failed, as far as it told that to the platform alone. */
  readonly causes?: readonly PlacedCause[];
}

export interface Caller {
  /** For people: `function orders`. */
  readonly label: string;
  /**
   * Resolves with an answer of any status. Rejects with a TenfoldError when there is no answer, or
   * with the signal's reason.
   */
  call(request: CallRequest, signal: AbortSignal): Promise<CallAnswer>;
}

/** The first value of the field with this name, in lower case. */
export function headerOf({ headers }: CallAnswer, name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.length === name.length && headers[index]?.toLowerCase() === name) return headers[index + 1];
  }
  return undefined;
}
