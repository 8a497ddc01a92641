// The rules of an attempt at an event: when it may be made, who bears its failure, and what follows
// from it. Pure; the model checks them.

import type { Failure } from '../../../core/failure.ts';
import { pauseUpTo } from '../../../core/retry/backoff.ts';
import { parseTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Failed, Later, Outcome } from '../../deliver/destination.ts';
import type { DeathReason, DispatchSettings, RetrySettings } from '../settings.ts';

/**
 * An event that was handed over and not answered for this long may be what brings its target down.
 */
const LONGEST_DOUBT_MS = 600_000;
/** How often it may hold up all others in vain. */
export const MOST_ASKS = 3;
/** How long an event waits for a target that is away when its budget is one of attempts. */
export const PATIENCE_MS = 86_400_000;
/** The longest wait that a destination may ask for. */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;
const LONGEST_MESSAGE = 1000;

export interface RuledItem {
  readonly offset: number;
  readonly state: 'fresh' | 'parked' | 'held' | 'gone';
  /** Records about it that have not been read back. */
  readonly pending: number;
}

export interface RuledLane {
  /** Ascending by offset. */
  readonly items: readonly RuledItem[];
  /** The event that is being attempted. */
  readonly running: RuledItem | undefined;
  readonly parked: number;
}

/**
 * Whether the head of a lane may be attempted. A lane attempts one event at a time. It waits while
 * the parking log has not confirmed the last record of the event, and while a person must decide. A
 * parked event also waits until the source has been read past it, as earlier events of its key may
 * come again.
 */
export function mayAttempt(lane: RuledLane, head: RuledItem, sourceRead: number): boolean {
  return (
    lane.running === undefined &&
    head.pending === 0 &&
    (head.state === 'fresh' || (head.state === 'parked' && head.offset < sourceRead))
  );
}

/**
 * Whether a fresh event has to go to the parking log because of the events ahead of it in its lane.
 */
export function mustFollow(order: DispatchSettings['order'], lane: RuledLane, item: RuledItem): boolean {
  return (
    order === 'key' &&
    item.state === 'fresh' &&
    item.pending === 0 &&
    lane.parked > 0 &&
    lane.items[0] !== item &&
    lane.running !== item
  );
}

/**
 * When an event is too old to be attempted, by the subscription's `maxAge` or by its own
 * `expirytime` (CloudEvents extension). Milliseconds since 1970 by the
 * log's clock; Infinity: never.
 * An `expirytime` that is no timestamp does not count.
 */
export function expiresAt(record: LogRecord, maxAge: number | undefined): number {
  const byAge = maxAge === undefined ? Number.POSITIVE_INFINITY : record.timestamp + maxAge;
  const header = record.headers['ce_expirytime'];
  if (header === undefined) return byAge;
  const byEvent = parseTimestamp(header);
  return byEvent === undefined ? byAge : Math.min(byAge, byEvent);
}

/**
 * A batch that fails whole is cut in two until the bad event is alone. Only then does a failure
 * count.
 */
export function isWholeFailure(outcomes: readonly Outcome[]): outcomes is readonly Failed[] {
  return outcomes.every(outcome => outcome.kind === 'failed');
}

export function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].filter(half => half.length > 0);
}

/**
 * The bearer of a failed call. `attempt`: the failure counts for the event. `aside`: it does not
 * count, and the event waits by itself while others go on. `target`: it does not count, the event
 * stays where it is, and the circuit breaker says when to try again.
 */
export type Bearer = 'attempt' | 'aside' | 'target';

export interface Circumstances {
  /** The target counts as down. */
  readonly open: boolean;
  /** Many different events got no answer. */
  readonly sure: boolean;
  /**
   * How long failures of this event have been put down to the target, milliseconds; where many
   * events fail, since its last attempt.
   */
  readonly doubtedMs: number;
  /** The budget of time: how long that may go on where many events fail. */
  readonly patienceMs: number;
  /** Attempts are limited: each ten minutes in which many events fail count as one. */
  readonly counted: boolean;
  /** How often in a row this event asked for a pause after which the target answered others. */
  readonly asksAlone: number;
  /** Other events ask for pauses, too, while the rest is answered. */
  readonly single: boolean;
}

export function bearerOf(outcome: Failed | Later, about: Circumstances): Bearer {
  const { open, sure, doubtedMs, patienceMs, counted, asksAlone, single } = about;
  if (outcome.kind === 'later') {
    if (outcome.own) return 'aside';
    if (outcome.down) return open ? 'target' : 'aside';
    return single || asksAlone >= MOST_ASKS ? 'aside' : 'target';
  }
  if (outcome.doubt === undefined || !open) return 'attempt';
  if (!sure && outcome.doubt === 'lost') return 'attempt';
  const longest = sure && !counted ? patienceMs : Math.min(LONGEST_DOUBT_MS, patienceMs);
  return doubtedMs < longest ? 'target' : 'attempt';
}

/** The consequence of a failed attempt for one event. */
export type Decision =
  | { readonly kind: 'retry'; readonly attempts: number; readonly wait: number; readonly error: Failure }
  | { readonly kind: 'dead'; readonly attempts: number; readonly reason: DeathReason; readonly error: Failure };

/**
 * `attempts`: the attempts before this one; `elapsed`: milliseconds since the first failure that
 * the event bore, 0 for this one.
 */
export function decide(outcome: Failed, attempts: number, retry: RetrySettings, random: number, elapsed = 0): Decision {
  const made = attempts + 1;
  const error = brief(outcome.error);
  if (!outcome.retryable)
    return { kind: 'dead', attempts: made, reason: outcome.cancelled ? 'cancelled' : 'refused', error };
  if (isUsedUp(retry, made, elapsed)) return { kind: 'dead', attempts: made, reason: 'exhausted', error };
  const wait = pause(retry, { tries: made, elapsed, random, asked: outcome.retryAfterMs ?? 0 });
  return { kind: 'retry', attempts: made, wait, error };
}

/**
 * The event waits by itself for its target. This is no attempt, but the budget of time goes on.
 * `misses`: how often that was so, this time included.
 */
export function decideAside(
  outcome: Later,
  { attempts, misses, elapsed }: { readonly attempts: number; readonly misses: number; readonly elapsed: number },
  retry: RetrySettings,
  random: number,
): Decision {
  const error = brief(outcome.error);
  const { within = PATIENCE_MS } = retry;
  if (elapsed >= within) return { kind: 'dead', attempts, reason: 'exhausted', error };
  const wait = pause({ ...retry, within }, { tries: attempts + misses, elapsed, random, asked: outcome.afterMs });
  return { kind: 'retry', attempts, wait, error };
}

function isUsedUp({ attempts, within }: RetrySettings, made: number, elapsed: number): boolean {
  return made >= (attempts ?? Number.POSITIVE_INFINITY) || elapsed >= (within ?? Number.POSITIVE_INFINITY);
}

interface Pause {
  readonly tries: number;
  readonly elapsed: number;
  readonly random: number;
  readonly asked: number;
}

/** The last attempt is made when the budget of time ends. */
function pause(retry: RetrySettings, { tries, elapsed, random, asked }: Pause): number {
  const left = retry.within === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(retry.within - elapsed));
  return Math.max(Math.min(retryWait(retry, tries, random), left), clampWait(asked));
}

function brief(failure: Failure): Failure {
  return { ...failure, message: failure.message.slice(0, LONGEST_MESSAGE) };
}

/**
 * The wait after so many failed attempts. `random`: uniform in [0, 1), so that events that failed
 * together do not come back together.
 */
export function retryWait(retry: RetrySettings, attempts: number, random: number): number {
  const ceiling = Math.min(retry.max, retry.initial * growth(retry.backoff, attempts));
  return Math.round(pauseUpTo(ceiling, random));
}

export function clampWait(ms: number): number {
  return ms > 0 ? Math.min(ms, LONGEST_WAIT_MS) : 0;
}

function growth(backoff: RetrySettings['backoff'], attempts: number): number {
  if (backoff === 'constant') return 1;
  return backoff === 'linear' ? attempts : 2 ** Math.min(attempts - 1, 52);
}
