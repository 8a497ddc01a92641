// How far one exhaustive walk goes: which events, how many owners, how long a parking
// log, and what may happen.
import type { CommandVerb } from '../../worker/parking-log/parking-log-record.ts';

export interface ModelBounds {
  /** Key of each event of the source. */
  readonly keys: readonly number[];
  /** How many claims may be made, new claims of the same owner included. */
  readonly claims: number;
  readonly parkingLog: number;
  readonly attempts: number;
  /** Start with the first event parked by an owner that is gone. */
  readonly parked?: boolean;
  /**
   * Start with the last event dead and dead-lettered by an owner that is gone, whose last
   * commit told of it, or did not.
   */
  readonly deadLettered?: 'told' | 'untold';
  /** Claiming anew, moving parked events to the parking log's end, trimming. */
  readonly moves?: boolean;
  /**
   * Calls take time: much can happen between their beginning and their outcomes, and
   * several run at once (batches).
   */
  readonly calls?: boolean;
  /**
   * How many times a record arrives in the log once more, or is missing until it is appended again.
   */
  readonly repeats?: number;
  /** Exhausted events hold their key. */
  readonly hold?: boolean;
  /** Keys whose events never succeed. */
  readonly poisoned?: readonly number[];
  /**
   * So many events that are not in the parking log an owner keeps in memory;
   * any number when left out.
   */
  readonly room?: number;
  /** Commands that people may give, each once, at any time. */
  readonly commands?: readonly {
    readonly verb: CommandVerb;
    readonly event: number;
    readonly generation: number;
    readonly parkedAs?: number;
  }[];
}
