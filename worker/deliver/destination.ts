// Where a dispatcher hands its events to, and what it is told of each: the one seam between order and attempts here, and calls elsewhere.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { CallAnswer } from './caller.ts';

export interface DeliveryItem {
  readonly partition: number;
  readonly record: LogRecord;
  /** Which attempt at this event this is, from 1. */
  readonly attempt: number;
  /** It waited aside before, so that somebody may have begun it, or said something of it. */
  readonly parked?: boolean;
  /** How often it was redriven before. */
  readonly generation?: number;
  /** All events of the partition below this offset have been handled or given up; parked ones are neither. */
  readonly settledBelow?: number;
}

/** What became of one event. */
export type Outcome =
  /** `answer`: what was answered to this event alone; dispatching does not look at it. */
  | { readonly kind: 'done'; readonly answer?: CallAnswer | undefined }
  /** Counts as an attempt. `retryable: false` gives it up at once. */
  | {
      readonly kind: 'failed';
      readonly retryable: boolean;
      readonly error: Failure;
      /** Somebody asked for its end while it ran: no fault of the event, so its key waits for nobody. With `retryable: false` only. */
      readonly cancelled?: true;
      /** Not before so many milliseconds. */
      readonly retryAfterMs?: number;
    }
  /** Not the event's fault and no attempt: the destination asks for a pause, is over its limits, or cannot be called. Everything waits. */
  | { readonly kind: 'later'; readonly afterMs: number; readonly error: Failure };

/** What is kept of a failure with the event: safe to show to whoever may see the event. */
export interface Failure {
  /** HTTP status when there was an answer. */
  readonly status?: number;
  /** At most 1,000 characters. */
  readonly message: string;
}

export interface Destination {
  /** For people: `function orders`. */
  readonly label: string;
  /**
   * One call with these events, of different lanes. Resolves with one outcome each, in the order given; never rejects. `signal` aborts when the
   * owner lost the partition or closes in a hurry; then the outcomes do not count.
   */
  deliver(items: readonly DeliveryItem[], signal: AbortSignal): Promise<readonly Outcome[]>;
}
