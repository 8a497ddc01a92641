// The reports of a dispatcher at work, for metrics and logs. An observer must not throw and
// must be quick.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Outcome } from '../deliver/destination.ts';
import type { FailedAttempt } from './failed-attempt.ts';
import type { DeadLetter } from './settings.ts';

export interface DispatchObserver {
  /**
   * One attempt at one event ended. `counts`: it uses up a part of the retry budget, or is a
   * success.
   */
  attempted(record: LogRecord, attempt: number, outcome: Outcome, counts: boolean): void;
  /** An attempt failed, and it has been decided what becomes of the event. */
  failed(attempt: FailedAttempt): void;
  /**
   * An event went to the parking log. `follower`: only because an earlier one of its key is there.
   */
  parked(partition: number, record: LogRecord, follower: boolean): void;
  /**
   * An event was given up, or held. Reported once its letter is in the topic of dead letters and
   * confirmed there.
   */
  deadLettered(letter: DeadLetter): void;
  /**
   * Events were deleted before they were read: offsets from `from` up to, not including, `to`; by
   * retention, or with their topic, which was made again since (`isRecreated`).
   */
  jumped(partition: number, from: number, to: number): void;
  /**
   * The parking log was deleted while no owner had its events in memory. All parked events are
   * gone.
   */
  parkingLogLost(partition: number, parkingLog: string): void;
  /** Another process has claimed the partition, or this owner came too late. */
  superseded(partition: number, why: string): void;
  /** The destination is down and gets only a few calls, or answers again. */
  tripped(failing: boolean): void;
  /**
   * The destination asks for a pause of so many milliseconds. It gets a part of that; then single
   * calls test whether it still asks.
   */
  askedForLong(ms: number): void;
  /** Something could not be done and will be tried again. */
  trouble(partition: number, error: unknown): void;
}

export const silentObserver: DispatchObserver = {
  attempted() {},
  failed() {},
  parked() {},
  deadLettered() {},
  jumped() {},
  parkingLogLost() {},
  superseded() {},
  tripped() {},
  askedForLong() {},
  trouble() {},
};
