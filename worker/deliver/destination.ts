// The port through which a dispatcher hands over its events, and the outcome of each. It divides
// order and attempts here from calls elsewhere.
import type { Failure } from '../../core/failure.ts';
import type { TraceContext } from '../../core/trace-context.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { CallAnswer } from './caller.ts';

export interface DeliveryItem {
  readonly partition: number;
  readonly record: LogRecord;
  /** Number of this attempt at the event, from 1. */
  readonly attempt: number;
  /** The event was parked before, so another owner may have begun it or written about it. */
  readonly parked?: boolean;
  /**
   * It asked for pauses again and again while others were answered, as an event does whose own
   * dependency is away. It asks for itself alone, and no other caller waits for that.
   */
  readonly asksAlone?: boolean | undefined;
  /** How often the event was redriven before. */
  readonly generation?: number;
  /**
   * All events of the partition below this offset have been handled or given up. Parked ones are
   * neither.
   */
  readonly settledBelow?: number;
  /** The span of this delivery, where spans are recorded. */
  readonly trace?: TraceContext;
}

/** The outcome of one event. */
export type Outcome = Done | Failed | Later;

export interface Done {
  readonly kind: 'done';
  /** The answer to this event alone; the dispatcher does not read it. */
  readonly answer?: CallAnswer | undefined;
}

/** A failed attempt. `retryable: false` gives the event up at once. */
export interface Failed {
  readonly kind: 'failed';
  readonly retryable: boolean;
  readonly error: Failure;
  /**
   * The target itself said nothing of the event. The cause may be the event, or a target that is
   * down. `lost`: the event was sent, and only a timeout or the end of the connection came back.
   * `status`: the target answered 502, 503, 504 or 408.
   */
  readonly doubt?: Doubt;
  /**
   * Its end was asked for while it ran. The event is not at fault, so its key does not wait.
   * With `retryable: false` only.
   */
  readonly cancelled?: true;
  /** The shortest wait before the next attempt, milliseconds. */
  readonly retryAfterMs?: number;
}

/**
 * The event is not at fault, and this is no attempt: the destination asks for a pause, or is over
 * its limits. All events wait.
 */
export interface Later {
  readonly kind: 'later';
  readonly afterMs: number;
  readonly error: Failure;
  /**
   * Nothing was delivered, as the target is not there: no connection, no instance. All events wait
   * only where nothing else is answered.
   */
  readonly down?: true;
  /**
   * True of this event alone, such as one that has a target of its own. Then only the event waits.
   */
  readonly own?: true;
}

export type Doubt = 'lost' | 'status';

export interface Destination {
  /** For people: `function orders`. */
  readonly label: string;
  /**
   * Makes one call with these events, of different lanes. Resolves with one outcome each, in the
   * order given; never rejects. `signal` aborts when the owner lost the partition or closes in a
   * hurry; then the outcomes do not count.
   */
  deliver(items: readonly DeliveryItem[], signal: AbortSignal): Promise<readonly Outcome[]>;
}
