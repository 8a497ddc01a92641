// The state of a schedule as the store keeps it: up to which time its due times are decided, the
// runs that are still to be handed over, and what became of the last ones.
import { assertFirstVersion } from '../stored-version.ts';

/** The cause of a run: its due time, a due time that was missed, or a person. */
export type RunCause = 'due' | 'missed' | 'asked';

/** A run that is decided on, and not yet known to be in the log. */
export interface PendingRun {
  /** Id of its event: the due time, so that it is the same whichever process makes it. */
  readonly id: string;
  /** Milliseconds since 1970, all of them. */
  readonly due: number;
  readonly cause: RunCause;
  /** The process that appends it. A run that was claimed before may be in the log already. */
  readonly claim?: RunClaim | undefined;
}

export interface RunClaim {
  /** Different for each claim. */
  readonly token: string;
  /** Incarnation of the process. */
  readonly by: string;
  /** Ends of the partitions of the log before the first claim: its event is not below them. */
  readonly ends: readonly number[];
}

export interface PastRun {
  readonly id: string;
  readonly due: number;
  readonly cause: RunCause;
  /** When it was handed over or refused, by the store's clock. */
  readonly at: number;
  /** Its place in the log; undefined where the target has refused it. */
  readonly place?: { readonly partition: number; readonly offset: number } | undefined;
  /** Id of the job, where it began one. */
  readonly job?: string | undefined;
  /** Why the target has refused it. */
  readonly error?: string | undefined;
}

/**
 * `missed`: they were due more than a minute ago. `overlap`: the job of the run before had not
 * ended. `waiting`: as many as may wait did so already.
 */
export type LeftOutReason = 'missed' | 'overlap' | 'waiting';

/** Runs that were left out at one time. */
export interface LeftOut {
  readonly at: number;
  readonly why: LeftOutReason;
  readonly count: number;
  /** There were more, which nobody has counted. */
  readonly atLeast?: true | undefined;
  /** The first due time among them. */
  readonly from: number;
}

export interface ScheduleState {
  /** Pattern, time zone and delay by which the due times were decided. */
  readonly timing: string;
  /** Every due time up to this one is decided. */
  readonly cursor: number;
  /** When it was paused by command. */
  readonly pausedAt?: number | undefined;
  readonly pending: readonly PendingRun[];
  /** The newest first. */
  readonly runs: readonly PastRun[];
  readonly leftOut: readonly LeftOut[];
}

/** Each key is one schedule of the resource. `kind`: of the resource. */
export function scheduleScopeOf(namespace: string, kind: string, name: string): string {
  return `schedules/${namespace}/${kind}/${name}`;
}

export function encodeScheduleState(state: ScheduleState): string {
  return JSON.stringify({ v: 1, ...state });
}

/** `who`: `Queue/default/reports/nightly`. */
export function decodeScheduleState(value: Uint8Array, who: string): ScheduleState {
  const state: ScheduleState = JSON.parse(Buffer.from(value).toString('utf8'));
  assertFirstVersion(`the state of schedule ${who}`, state);
  return state;
}
