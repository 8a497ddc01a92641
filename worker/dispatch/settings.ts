// The settings that a dispatcher needs of a Subscription, a Queue or the items of a FanOut;
// durations in milliseconds.

import type { Failure } from '../../core/failure.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';

export interface RetrySettings {
  /** How many attempts an event gets in all; undefined: as many as there is time for. */
  readonly attempts?: number | undefined;
  /**
   * How long after its first failure an event is tried; undefined: as long as there are attempts.
   */
  readonly within?: number | undefined;
  readonly backoff: 'exponential' | 'linear' | 'constant';
  readonly initial: number;
  readonly max: number;
}

/** The two functions never throw. */
export interface ShareSettings {
  /** The name of an event's share; undefined: the share of all events without a name. */
  readonly by: (record: LogRecord) => string | undefined;
  /** Above 0; undefined: 1. */
  readonly weight?: ((record: LogRecord) => number) | undefined;
  /** Events of one share in flight at the same time in this process; undefined: no limit. */
  readonly max?: number | undefined;
}

export interface DispatchSettings {
  /**
   * Consumer group, unique in the log; also names the internal topics:
   * `<group>.parked`, `<group>.dead`.
   */
  readonly group: string;
  readonly topic: string;
  readonly order: 'key' | 'partition' | 'none';
  /** Calls in flight at the same time in this process, or, if `together`, over all processes. */
  readonly concurrency: number;
  readonly together?: boolean | undefined;
  /** Events handed over, over all processes. */
  readonly rate?: { readonly count: number; readonly periodMs: number } | undefined;
  /**
   * Events are of shares, which get calls by their weights. Undefined: keys take turns, where
   * events of one key need not come one after the other.
   */
  readonly share?: ShareSettings | undefined;
  readonly batch?: { readonly size: number; readonly wait: number; readonly maxSize: number } | undefined;
  readonly retry: RetrySettings;
  readonly maxAge?: number | undefined;
  /** Delay of delivery after the time of the event, at least. */
  readonly delay: number;
  readonly onExhausted: 'skip' | 'hold';
  readonly parking: { readonly maxKeys: number; readonly maxSize: number };
  readonly deadLetterRetention: number;
  readonly from: 'latest' | 'earliest' | { readonly time: number };
  /** The higher priority goes first where several share the budget of one function. */
  readonly priority: number;
  readonly paused: boolean;
  /**
   * Undefined: every event. An event for which it is false counts as done. An event for which it
   * throws is given up with the reason `filter`.
   */
  readonly filter?: ((record: LogRecord) => boolean) | undefined;
  /** Earliest time of delivery, milliseconds since 1970; undefined: at once. */
  readonly dueAt?: ((record: LogRecord) => number | undefined) | undefined;
}

/**
 * The reason why an event was given up. `abandoned`: an operator gave it up while it was parked.
 */
export type DeathReason = 'exhausted' | 'refused' | 'expired' | 'filter' | 'cancelled' | 'abandoned' | 'late';

/** An event that was given up, as it is kept and shown. */
export interface DeadLetter {
  /** Partition and offset in the source topic: the event's identity within the group. */
  readonly partition: number;
  readonly offset: number;
  /** How often it was redriven before. */
  readonly generation: number;
  readonly reason: DeathReason;
  readonly error: Failure | undefined;
  readonly attempts: number;
  /** When it was given up, milliseconds since 1970. */
  readonly at: number;
  /** True while its key waits for a person (`onExhausted: hold`). */
  readonly held: boolean;
  readonly record: LogRecord;
}
