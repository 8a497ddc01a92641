// The newest failure of a consumer in the admin API, and what holds up its calls.
import type { Cause } from '../core/cause.ts';
import { failureText } from '../core/failure.ts';

/** The newest attempt at an event that failed. */
export interface FailureReport {
  /** RFC 3339. */
  readonly at: string;
  /** `<partition>-<offset>` of the event. */
  readonly id: string;
  readonly eventId?: string | undefined;
  readonly key: string | null;
  readonly attempt: number;
  /** A code, such as `TargetFailed` or `Timeout`. */
  readonly reason: string;
  readonly error: string;
  readonly status?: number | undefined;
  readonly cause?: Cause | undefined;
}

/**
 * A reason why a consumer makes no calls, as its worker sees it. `missing`, `unavailable`,
 * `stopped`, `asleep` and `starting` are states of the Function that it calls. `breaker`: the
 * circuit breaker of the Function is open. `limits`: the limits of the Function are used up.
 * `instances`: all of its instances are busy. `pause`: the target asks for one. `failing`: calls of
 * the target get no answer. `concurrency` and `rate` are limits of the consumer itself.
 */
export interface HeldUp {
  readonly by: (typeof HOLDS)[number];
  /** RFC 3339: until then. Undefined where nobody knows. */
  readonly until?: string | undefined;
  /** A sentence for people. */
  readonly message: string;
  /** The consumer has several targets, and hands events on to others. */
  readonly isPartial?: boolean | undefined;
}

export const HOLDS = [
  ...(['missing', 'unavailable', 'stopped', 'breaker', 'pause', 'failing'] as const),
  ...(['asleep', 'starting', 'limits', 'instances', 'concurrency', 'rate'] as const),
] as const;

/** An event that waits for another attempt of its own does not wait for these. */
export const PASSING_HOLDS: ReadonlySet<HeldUp['by']> = new Set([
  'asleep',
  'starting',
  'limits',
  'instances',
  'concurrency',
  'rate',
]);

/** The hold that an event of a consumer waits for. */
export function holdOf(
  { state, heldUp }: { readonly state: string; readonly heldUp?: HeldUp | undefined },
  isParked: boolean,
): HeldUp | undefined {
  if (heldUp === undefined || (state !== 'running' && state !== 'resting')) return undefined;
  return isParked && PASSING_HOLDS.has(heldUp.by) ? undefined : heldUp;
}

/** The words before others about a consumer whose target rests. */
export function restText(report: Parameters<typeof holdOf>[0]): string {
  return holdOf(report, false)?.message ?? 'Its target is left alone for a moment;';
}

/** Calls were made, and failed. */
const FAILED: ReadonlySet<HeldUp['by']> = new Set(['breaker', 'pause', 'failing']);

/** `failure`: what failed last. A hold that is no failure is the cause by itself. */
export function causeWith(hold: HeldUp | undefined, failure: string | undefined): string | undefined {
  if (hold === undefined || failure === undefined) return hold?.message ?? failure;
  if (!FAILED.has(hold.by) || hold.message.includes(failure)) return hold.message;
  return `${hold.message} The failure: ${failure}`;
}

/** A sentence to stand behind others; empty where nothing failed. */
export function newestFailureText(newest: FailureReport | undefined): string {
  if (newest === undefined) return '';
  return ` The newest failure: ${failureText({ message: newest.error, cause: newest.cause })}`;
}
