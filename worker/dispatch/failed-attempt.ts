// One failed attempt at an event, for the operator: which event, why, and when it is tried again.
import type { Failure } from '../../core/failure.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Failed, Later } from '../deliver/destination.ts';
import type { DeathReason } from './settings.ts';

export const FAILURE_REASONS = ['Rejected', 'Timeout', 'Unreachable', 'Busy', 'TargetFailed', 'Cancelled'] as const;

/**
 * `Rejected`: the target says that no attempt can succeed. `Timeout`: it did not answer in time.
 * `Unreachable`: it is not there, or its connection ended. `Busy`: it asks for a pause.
 * `TargetFailed`: it answered with an error. `Cancelled`: a person ended the event.
 */
export type FailureReason = (typeof FAILURE_REASONS)[number];

export interface FailedAttempt {
  readonly partition: number;
  readonly record: Pick<LogRecord, 'offset' | 'key' | 'headers'>;
  /** From 1. */
  readonly attempt: number;
  readonly reason: FailureReason;
  readonly error: Failure;
  /** When it failed, milliseconds since 1970. */
  readonly at: number;
  /** When the event is tried again at the earliest; undefined: that is not known, or it is not. */
  readonly next: number | undefined;
  /** Why the event was given up after it. */
  readonly givenUp?: DeathReason | undefined;
}

const TIMEOUTS = new Set([408, 504]);
const AWAY = new Set([502, 503]);

export function failureReasonOf(outcome: Failed | Later): FailureReason {
  const { status } = outcome.error;
  if (status !== undefined && TIMEOUTS.has(status)) return 'Timeout';
  if (outcome.kind === 'later') return outcome.down ? 'Unreachable' : 'Busy';
  if (outcome.cancelled) return 'Cancelled';
  if (outcome.doubt !== undefined && (status === undefined || AWAY.has(status))) return 'Unreachable';
  return outcome.retryable ? 'TargetFailed' : 'Rejected';
}
