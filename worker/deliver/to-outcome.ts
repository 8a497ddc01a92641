// Turns an answer, or its absence, into the outcome of the events that were handed over.
import { type Code, TenfoldError } from '../../core/errors.ts';
import type { Failure } from '../../core/failure.ts';
import { parseRetryAfter } from '../../core/retry/retry-after.ts';
import { type CallAnswer, headerOf } from './caller.ts';
import type { Outcome } from './destination.ts';

const MAX_MESSAGE = 1000;
/** The platform tries it again, as all 5xx. */
const RETRYABLE = new Set([408, 425, 429]);
/** With these, `Retry-After` is about the whole destination. */
const PAUSING = new Set([429, 503]);
/** They speak of the target. The target may be down, or one event may bring it down. */
const DOUBTFUL = new Set([408, 502, 503, 504]);
/** The target is there but takes nothing at the moment. */
const ASKS = new Set<Code>(['circuit-open', 'overloaded', 'too-many-requests', 'shutting-down']);
/**
 * Nothing was called, as the target, or something that the platform needs for the call, is not
 * there. The event is not at fault.
 */
const DOWN = new Set<Code>([
  'not-ready',
  'function-crashed',
  'function-off',
  'unknown-function',
  'store-unavailable',
  'storage-unusable',
  'log-unavailable',
  'cluster-unavailable',
  'auth-unavailable',
  'later-release',
]);
/** The call was made, and there was no answer. */
const LOST = new Set<Code>(['timeout', 'bad-gateway']);
const LATER_MS = 1_000;

/** `now`: milliseconds since 1970, for a Retry-After that is a date. */
export function toOutcome(answer: CallAnswer, now: number): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'done', answer };
  const error = { status, message: messageOf(answer), ...causeOf(answer) };
  const retryAfterMs = parseRetryAfter(headerOf(answer, 'retry-after'), now);
  return toFailure(status, error, retryAfterMs);
}

/** The outcome of a status that is no success. */
function toFailure(status: number, error: Failure, retryAfterMs: number | undefined): Outcome {
  if (PAUSING.has(status) && retryAfterMs !== undefined) return { kind: 'later', afterMs: retryAfterMs, error };
  // Too many requests is never about one event.
  if (status === 429) return { kind: 'later', afterMs: LATER_MS, error };
  const failed = toEntryFailure(status, error, retryAfterMs);
  return DOUBTFUL.has(status) ? { ...failed, doubt: 'status' } : failed;
}

/**
 * The same for the answer to one event among others. The target is there, or there would be no
 * answer.
 */
export function toEntryFailure(
  status: number,
  error: Failure,
  retryAfterMs: number | undefined,
): Outcome & { readonly kind: 'failed' } {
  if (!RETRYABLE.has(status) && status < 500) return { kind: 'failed', retryable: false, error };
  if (retryAfterMs === undefined) return { kind: 'failed', retryable: true, error };
  return { kind: 'failed', retryable: true, error, retryAfterMs };
}

/** The outcome of a call that was never answered. It hides errors that are not ours. */
export function errorToOutcome(error: unknown): Outcome {
  if (!(error instanceof TenfoldError)) {
    const failure = { message: 'The call ended without an answer.' };
    return { kind: 'failed', retryable: true, error: failure, doubt: 'lost' };
  }
  const failure = { status: error.status, message: error.message.slice(0, MAX_MESSAGE) };
  if (error.unsendable) return { kind: 'failed', retryable: false, error: failure };
  const isDown = error.undelivered || DOWN.has(error.code);
  if (isDown || ASKS.has(error.code)) {
    const afterMs = error.retryAfterSeconds === undefined ? LATER_MS : error.retryAfterSeconds * 1000;
    return { kind: 'later', afterMs, error: failure, ...(isDown ? { down: true } : {}) };
  }
  const failed = { kind: 'failed', retryable: error.retryable, error: failure } as const;
  return LOST.has(error.code) ? { ...failed, doubt: 'lost' } : failed;
}

/** The member `cause` of a failure. `of`: the place of one event in its batch. */
export function causeOf({ causes }: CallAnswer, of?: number): Pick<Failure, 'cause'> {
  const found = causes?.find(each => each.of === of);
  return found === undefined ? {} : { cause: found.cause };
}

/** A problem document (RFC 9457) has a text; without one the status has to do. */
function messageOf({ status, body }: CallAnswer): string {
  const plain = `It answered ${status}.`;
  if (body.length === 0 || body.length > 65_536 || body[0] !== 0x7b) return plain;
  try {
    const problem: unknown = JSON.parse(body.toString('utf8'));
    return describe(problem) ?? plain;
  } catch {
    return plain;
  }
}

/** The text of a problem document. */
export function describe(problem: unknown): string | undefined {
  if (typeof problem !== 'object' || problem === null) return undefined;
  const { detail, title }: { detail?: unknown; title?: unknown } = problem;
  const text = typeof detail === 'string' && detail !== '' ? detail : title;
  return typeof text === 'string' && text !== '' ? text.slice(0, MAX_MESSAGE) : undefined;
}
