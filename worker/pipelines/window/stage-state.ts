// The state of a stage that goes by event time, in one partition: what records do to it, results,
// and changes. Windows are one, and so are the events of a join.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Clock } from '../../fold/clock-record.ts';
import type { FlowItem } from '../flow/item.ts';
import type { StageClock } from './stage-clock.ts';
import type { Watermark } from './watermark.ts';
import type { WindowEvent } from './window-input.ts';

export interface StageState {
  readonly clock: StageClock;
  readonly watermark: Watermark;
  /** The results to hand on, in order. */
  readonly results: FlowItem[];
  /** Events of a join that it keeps, as events of the other side may still belong to them. */
  readonly joining?: number;
  /** Rows and results that the next step would write and hand on now. */
  readonly unsaved: number;
  /** Whether results of what is open are due now and then. */
  readonly hasUnsent: boolean;
  /**
   * Takes in an event. Makes the error where it came too late. Throws `expression-failed`; then
   * the event has changed nothing.
   */
  take(found: TakenEvent, record: LogRecord): (() => Error) | undefined;
  /** Takes in the clock record of a source. `isQuiet`: no newer event of it has come. */
  told(clock: Clock, isQuiet: boolean, record: LogRecord): void;
  /** Whether something would be reported if time had gone on so far by itself. */
  wouldSay(time: number): boolean;
  /** Whether an early result is due at this time of the log. */
  isEarlyDue(now: number): boolean;
  /** Makes the early results that are due before the record is taken, whatever the record is. */
  giveEarly(record: LogRecord): void;
  /**
   * Nothing came for long, and all was read: event time may be taken to have gone on to `silence`,
   * and early results are due up to `early`. It is written before anything is reported by it.
   */
  tick(due: Due): void;
  /** This comes after the tick was written. */
  sayTicked(): void;
  /** Makes results of all that is open and has changed. */
  flush(): void;
  /** All changes to write with the next position, and their bytes. */
  takeChanges(offset: number): { readonly changes: Change[]; readonly bytes: number };
}

export interface Due {
  readonly silence?: number | undefined;
  readonly early?: number | undefined;
}

export type TakenEvent = Omit<WindowEvent, 'number'>;
