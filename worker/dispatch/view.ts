// The public view of a dispatcher: figures of this process and of the partitions that it owns.
import type { Failure } from '../../core/failure.ts';
import type { FailedAttempt, FailureReason } from './failed-attempt.ts';

/** Since the dispatcher was started. */
export interface Totals {
  delivered: number;
  attempts: number;
  failures: number;
  /** The same by their reasons. */
  readonly failuresBy: Record<FailureReason, number>;
  /** Failed calls that used up no attempt of their event, by their reasons. */
  readonly uncountedBy: Record<FailureReason, number>;
  dead: number;
  parked: number;
  /** Offsets that retention had deleted before they were read. */
  jumped: number;
  /** Partitions whose topic was deleted and made again. */
  madeAgain: number;
  superseded: number;
}

export function createTotals(): Totals {
  return {
    delivered: 0,
    attempts: 0,
    failures: 0,
    failuresBy: none(),
    uncountedBy: none(),
    dead: 0,
    parked: 0,
    jumped: 0,
    madeAgain: 0,
    superseded: 0,
  };
}

function none(): Record<FailureReason, number> {
  return { Rejected: 0, Timeout: 0, Unreachable: 0, Busy: 0, TargetFailed: 0, Cancelled: 0 };
}

/**
 * `starting`: not owner yet. `running`. `full`: the parking log is at its cap, so nothing more is
 * read. `stopped`: superseded or failing; it will try again.
 */
export type PartitionState = 'starting' | 'running' | 'full' | 'stopped';

export interface FailedEvent {
  /**
   * Time of its first failure, or of its giving up where a person must decide; by the log's clock,
   * milliseconds since 1970.
   */
  readonly since: number;
  /** How its newest attempt failed. */
  readonly error: Failure | undefined;
}

export interface PartitionView {
  readonly partition: number;
  readonly state: PartitionState;
  readonly claim: number | undefined;
  /** All source offsets below are done. */
  readonly watermark: number;
  /** The offset up to which the source has been read. */
  readonly read: number;
  readonly end: number | undefined;
  /** Events not handled yet, with parked ones; undefined while it is not known. */
  readonly lag: number | undefined;
  /** Age of the oldest of them by the log's clock, milliseconds. */
  readonly oldestAgeMs: number | undefined;
  readonly parkedKeys: number;
  readonly parkedEvents: number;
  readonly parkedBytes: number;
  /** Keys whose first failed event is tried again. */
  readonly failingKeys: number;
  /** The first failed event of the key that has failed for longest. */
  readonly failedFirst: FailedEvent | undefined;
  /** Keys whose first failed event waits for a person. */
  readonly held: number;
  readonly heldFirst: FailedEvent | undefined;
  /** Dead letters on their way to their topic. */
  readonly unwrittenDeadLetters: number;
  readonly openCommands: number;
  readonly parkingLog: { readonly watermark: number; readonly read: number };
  /** All events up to the end of a replay are settled. */
  readonly finished: boolean;
  readonly trouble: string | undefined;
}

/**
 * `flowing`; `resting`: the destination asked for a pause; `failing`: it is down and gets only a
 * few calls.
 */
export type FlowState = 'flowing' | 'resting' | 'failing' | 'paused' | 'closed';

export interface DispatcherView extends Readonly<Totals> {
  readonly group: string;
  readonly label: string;
  readonly flow: FlowState;
  /** Its own limit for which it makes no further call, though the target takes calls. */
  readonly limitedBy: 'concurrency' | 'rate' | 'share' | undefined;
  /** Shares that have as many events in flight as each may have, and some that wait. */
  readonly heldBack: readonly string[];
  /**
   * When calls go on that a limit or a rest holds up, milliseconds since 1970; undefined where that
   * is not known, and where it is now.
   */
  readonly goesOnAt: number | undefined;
  readonly inFlight: number;
  readonly lag: number | undefined;
  readonly oldestAgeMs: number | undefined;
  readonly parkedKeys: number;
  readonly parkedEvents: number;
  readonly failingKeys: number;
  readonly failedFirst: FailedEvent | undefined;
  readonly held: number;
  readonly heldFirst: FailedEvent | undefined;
  /** Since the dispatcher was started; undefined: none failed. */
  readonly newestFailure: FailedAttempt | undefined;
  /** For a replay: this process owns partitions and has nothing left to do on them. */
  readonly finished: boolean;
  readonly partitions: readonly PartitionView[];
}
