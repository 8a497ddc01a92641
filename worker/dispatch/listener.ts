// What a dispatcher tells while it works: for metrics and logs. Must not throw and must be quick.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Outcome } from '../deliver/destination.ts';
import type { DeadLetter } from './settings.ts';

export interface DispatchListener {
  /** One attempt at one event ended. `counts`: it uses up a part of the retry budget, or is a success. */
  attempted(record: LogRecord, attempt: number, outcome: Outcome, counts: boolean): void;
  /** An event went to the lot; `follower` when only because an earlier one of its key is there. */
  parked(partition: number, record: LogRecord, follower: boolean): void;
  /** An event was given up, or held; said once its letter is in the topic of dead letters and confirmed there. */
  buried(letter: DeadLetter): void;
  /**
   * Events were deleted before they were read: offsets from `from` up to, not including, `to`; by retention, or with their topic, which was made
   * again since (`isRecreated`).
   */
  jumped(partition: number, from: number, to: number): void;
  /** The topic with what waited aside was deleted while nobody had it in memory; all that waited there is gone. */
  lotLost(partition: number, lot: string): void;
  /** Somebody else claimed the partition, or this owner came too late. */
  superseded(partition: number, why: string): void;
  /** The destination is down and left alone but for a few calls, or answers again. */
  tripped(failing: boolean): void;
  /** The destination asks to be left alone for so many milliseconds, and is for a part of them; then single calls see whether it still does. */
  askedForLong(ms: number): void;
  /** Something could not be done and will be tried again. */
  trouble(partition: number, error: unknown): void;
}

export const silentListener: DispatchListener = {
  attempted() {},
  parked() {},
  buried() {},
  jumped() {},
  lotLost() {},
  superseded() {},
  tripped() {},
  askedForLong() {},
  trouble() {},
};
