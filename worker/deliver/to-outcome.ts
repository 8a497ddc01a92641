// What an answer, or the want of one, means for the events that were handed over.
import { type Code, TenfoldError } from '../../core/errors.ts';
import { parseRetryAfter } from '../../core/retry-after.ts';
import { type CallAnswer, headerOf } from './caller.ts';
import type { Failure, Outcome } from './destination.ts';

const MAX_MESSAGE = 1000;
/** Tried again, as all 5xx are. */
const RETRYABLE = new Set([408, 425, 429]);
/** With these `Retry-After` is about the whole destination. */
const PAUSING = new Set([429, 503]);
/** They speak of the target, and may be said of a target that is down or of an event that brings it down. */
const DOUBTFUL = new Set([408, 502, 503, 504]);
/** What was called takes nothing at the moment, and is there. */
const ASKS = new Set<Code>(['circuit-open', 'overloaded', 'too-many-requests', 'shutting-down']);
/** Nothing was called: what was to be called, or what the platform needs for the call, is not there. None of it is the event's doing. */
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
  const error = { status, message: messageOf(answer) };
  const retryAfterMs = parseRetryAfter(headerOf(answer, 'retry-after'), now);
  return toFailure(status, error, retryAfterMs);
}

/** For a status that is no success. */
function toFailure(status: number, error: Failure, retryAfterMs: number | undefined): Outcome {
  if (PAUSING.has(status) && retryAfterMs !== undefined) return { kind: 'later', afterMs: retryAfterMs, error };
  // Too many requests: that is never about one event.
  if (status === 429) return { kind: 'later', afterMs: LATER_MS, error };
  const failed = toEntryFailure(status, error, retryAfterMs);
  return DOUBTFUL.has(status) ? { ...failed, doubt: 'status' } : failed;
}

/** The same for what an answer says of one event among others: the target is there, or there would be no answer. */
export function toEntryFailure(
  status: number,
  error: Failure,
  retryAfterMs: number | undefined,
): Outcome & { readonly kind: 'failed' } {
  if (!RETRYABLE.has(status) && status < 500) return { kind: 'failed', retryable: false, error };
  if (retryAfterMs === undefined) return { kind: 'failed', retryable: true, error };
  return { kind: 'failed', retryable: true, error, retryAfterMs };
}

/** For a call that was never answered. What is not an error of ours is not shown. */
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

/** A problem document (RFC 9457) says it in words; otherwise the status has to do. */
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

/** What a problem document says. */
export function describe(problem: unknown): string | undefined {
  if (typeof problem !== 'object' || problem === null) return undefined;
  const { detail, title }: { detail?: unknown; title?: unknown } = problem;
  const text = typeof detail === 'string' && detail !== '' ? detail : title;
  return typeof text === 'string' && text !== '' ? text.slice(0, MAX_MESSAGE) : undefined;
}
