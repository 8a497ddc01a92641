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
export type Outcome = Done | Failed | Later;

export interface Done {
  readonly kind: 'done';
  /** What was answered to this event alone; dispatching does not look at it. */
  readonly answer?: CallAnswer | undefined;
}

/** Counts as an attempt. `retryable: false` gives it up at once. */
export interface Failed {
  readonly kind: 'failed';
  readonly retryable: boolean;
  readonly error: Failure;
  /**
   * The target itself said nothing of the event, which may be the event's doing or that of a target that is down. `lost`: it was sent, and a timeout or
   * the end of the connection was all that came of it. `status`: 502, 503, 504 or 408, which speak of the target.
   */
  readonly doubt?: Doubt;
  /** Somebody asked for its end while it ran: no fault of the event, so its key waits for nobody. With `retryable: false` only. */
  readonly cancelled?: true;
  /** Not before so many milliseconds. */
  readonly retryAfterMs?: number;
}

/** Not the event's fault and no attempt: the destination asks for a pause, or is over its limits. Everything waits. */
export interface Later {
  readonly kind: 'later';
  readonly afterMs: number;
  readonly error: Failure;
  /** Nothing was delivered, as the target is not there: no connection, no instance. Everything waits only where nothing else is answered. */
  readonly down?: true;
  /** True of this event alone, such as one that has a target of its own: only the event waits. */
  readonly own?: true;
}

export type Doubt = 'lost' | 'status';

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
