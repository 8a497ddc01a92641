// The public view of a dispatcher: figures of this process and of the partitions that it owns.

/** Since the dispatcher was started. */
export interface Totals {
  delivered: number;
  attempts: number;
  failures: number;
  dead: number;
  parked: number;
  /** Offsets that retention had deleted before they were read. */
  jumped: number;
  /** Partitions whose topic was deleted and made again. */
  madeAgain: number;
  superseded: number;
}

export function createTotals(): Totals {
  return { delivered: 0, attempts: 0, failures: 0, dead: 0, parked: 0, jumped: 0, madeAgain: 0, superseded: 0 };
}

/**
 * `starting`: not owner yet. `running`. `full`: the parking log is at its cap, so nothing more is
 * read. `stopped`: superseded or failing; it will try again.
 */
export type PartitionState = 'starting' | 'running' | 'full' | 'stopped';

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
  readonly held: number;
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
  readonly inFlight: number;
  readonly lag: number | undefined;
  readonly oldestAgeMs: number | undefined;
  readonly parkedKeys: number;
  readonly parkedEvents: number;
  readonly held: number;
  /** For a replay: this process owns partitions and has nothing left to do on them. */
  readonly finished: boolean;
  readonly partitions: readonly PartitionView[];
}
