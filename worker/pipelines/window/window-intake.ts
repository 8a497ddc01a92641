// Takes records into the windows of a partition. It keeps what belongs to the next step: what has
// been seen, what came too late, and what is unusable.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Clock } from '../../fold/clock-record.ts';
import { isPoison } from '../../fold/poison.ts';
import type { Repeats } from '../../fold/repeats.ts';
import { type Seen, seenChanges } from '../../fold/seen.ts';
import { SeenApart } from '../../fold/seen-apart.ts';
import type { SourceMark } from '../../fold/source-mark.ts';
import type { GivenUp } from '../dead-letters.ts';
import { createLeftOut, type LeftOut } from '../flow/flow-tools.ts';
import type { FlowItem } from '../flow/item.ts';
import type { StageState } from './stage-state.ts';
import type { WindowInput } from './window-input.ts';

export interface IntakeOptions {
  readonly topic: string;
  readonly partition: number;
  readonly input: WindowInput;
  readonly windows: StageState;
  /** Undefined where no record can be there twice. */
  readonly seen: Seen | SeenApart | undefined;
  readonly repeats: Repeats;
  /** Whether late events are handed on; otherwise they are given up. */
  readonly handsLateOn: boolean;
}

/**
 * The counts of a step. Records count once the position is stored, as they come again otherwise.
 */
export interface IntakeCounts {
  taken: number;
  late: number;
  repeated: number;
  readonly leftOut: LeftOut;
}

export class WindowIntake {
  readonly #options: IntakeOptions;
  #counts = createCounts();
  #marks: SourceMark[] = [];
  #late: FlowItem[] = [];
  #givenUp: GivenUp[] = [];
  #untold: Clock[] = [];

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** The fates of the records since the last step. */
  get counts(): IntakeCounts {
    return this.#counts;
  }

  get hasGivenUp(): boolean {
    return this.#givenUp.length > 0;
  }

  take(record: LogRecord): void {
    this.#counts.taken++;
    const { windows } = this.#options;
    if (windows.isEarlyDue(record.timestamp)) windows.giveEarly(record);
    try {
      this.#takeUsable(record);
    } catch (error) {
      this.refuse(record, error);
    }
  }

  /** Throws errors that are not those of an unusable record. */
  refuse(record: LogRecord, error: unknown): void {
    if (!isPoison(error)) throw error;
    this.#givenUp.push({ record, error, reason: 'refused' });
  }

  #takeUsable(record: LogRecord): void {
    const { input, partition, seen, windows, repeats, topic } = this.#options;
    const found = input.read(record, partition);
    if (found === undefined) return;
    if (found === 'filtered') {
      this.#counts.leftOut.filtered++;
      return;
    }
    if ('clock' in found) {
      const { feeder, source, upTo } = found.clock;
      const time = windows.watermark.untold(found.numbered);
      if (time !== undefined) this.#untold.push({ ...found.clock, time });
      if (seen instanceof SeenApart) seen.settle(feeder, source, upTo);
      windows.told(found.numbered, (seen?.offsetOf(feeder, source) ?? -1) < upTo, record);
      return;
    }
    if (found.mark) {
      if (seen && !seen.take(found.mark)) {
        this.#counts.repeated++;
        return;
      }
      this.#marks.push(found.mark);
      windows.watermark.knows(found.number, found.mark.offset, found.time);
      if (!input.ordered) windows.watermark.isActive(found.number);
    }
    const { countedAs = found.mark?.topic ?? topic } = input;
    const counted = repeats.find(record, { partition, ...found.mark, topic: countedAs });
    if (counted === 'repeat') {
      this.#counts.repeated++;
      return;
    }
    const late = windows.take(found, record);
    repeats.add(counted);
    if (late === undefined) return;
    this.#counts.late++;
    if (this.#options.handsLateOn) this.#late.push(input.toItem(record, partition));
    else this.#givenUp.push({ record, error: late(), reason: 'late' });
  }

  /** The late events to hand on, each returned once. */
  takeLate(): FlowItem[] {
    const late = this.#late;
    this.#late = [];
    return late;
  }

  /**
   * The clocks to tell all partitions, as their tellers did not know the
   * time. Each is returned once.
   */
  takeUntold(): Clock[] {
    const untold = this.#untold;
    this.#untold = [];
    return untold;
  }

  /** The records to set aside, each returned once. */
  takeGivenUp(): GivenUp[] {
    const givenUp = this.#givenUp;
    this.#givenUp = [];
    return givenUp;
  }

  /** The intake has seen this, and writes it with what was made of it. */
  changes(): Change[] {
    const { seen, repeats } = this.#options;
    return [...(seen instanceof SeenApart ? seen.changes() : seenChanges(this.#marks)), ...repeats.changes()];
  }

  /** The step is stored. Returns its counts and begins the next step. */
  stored(): IntakeCounts {
    const counts = this.#counts;
    this.#counts = createCounts();
    this.#marks = [];
    return counts;
  }
}

function createCounts(): IntakeCounts {
  return { taken: 0, late: 0, repeated: 0, leftOut: createLeftOut() };
}
