// How far the owner of a partition has read, and what its results inherit: the row that is written
// with each step.
import { DEPTH_HEADER } from '../../../core/wire.ts';
import type { World } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { CLOCK_ROW, CLOCK_TABLE, type SavedClock } from './saved-clock.ts';
import type { SavedWatermark } from './watermark.ts';

/** Versions of one millisecond: as fine as whole numbers can be for a hundred years. */
const PER_MS = 2000;

export class StageClock {
  /** Offset of the next record that the stage needs; undefined where nothing was stored. */
  offset: number | undefined;
  /**
   * The version that was written last; undefined before. It is made of the time. A store
   * that has lost its newest changes gives none of them out again, so no owner takes
   * another's step for its own.
   */
  version: number | undefined;
  /**
   * The partitions of the Topic when its events began to be counted in place. Undefined: an earlier
   * release has written it, or they are not counted in place.
   */
  partitions: number | undefined;
  /** The name in the log of the Topic whose events are counted in place; undefined as above. */
  source: string | undefined;
  /**
   * The offset at which the windows went on when they could no longer count in place, as the Topic
   * had got more partitions.
   */
  later: number | undefined;
  /** How often something was reported since the last record because nothing came. */
  ticks: number;
  /** The event time up to which that was. */
  silence: number | undefined;
  /** The time of the log up to which early results were given because nothing came. */
  early: number | undefined;
  /** Results inherit this time of the last record, and its hops. */
  timestamp: number;
  depth: string;
  readonly #world: Pick<World, 'now' | 'random'>;

  constructor(saved: SavedClock | undefined, world: Pick<World, 'now' | 'random'>) {
    this.#world = world;
    this.version = saved?.version;
    this.offset = saved?.offset;
    this.ticks = saved?.ticks ?? 0;
    this.silence = saved?.silence;
    this.early = saved?.early;
    this.timestamp = saved?.timestamp ?? 0;
    this.depth = saved?.depth ?? '0';
    this.partitions = saved?.partitions;
    this.source = saved?.source;
    this.later = saved?.later;
  }

  note({ timestamp, headers }: LogRecord): void {
    this.forgetTicks();
    this.timestamp = timestamp;
    this.depth = headers[DEPTH_HEADER] ?? '0';
  }

  forgetTicks(): void {
    this.ticks = 0;
    this.silence = undefined;
    this.early = undefined;
  }

  /** The row is written with each step, and different each time. */
  change(watermark: SavedWatermark): Change {
    const { now, random } = this.#world;
    this.version = Math.max((this.version ?? 0) + 1, Math.floor((now() + random()) * PER_MS));
    const saved: SavedClock = {
      offset: this.offset ?? 0,
      watermark,
      ticks: this.ticks,
      timestamp: this.timestamp,
      depth: this.depth,
      version: this.version,
      ...(this.partitions === undefined ? {} : { partitions: this.partitions }),
      ...(this.source === undefined ? {} : { source: this.source }),
      ...(this.later === undefined ? {} : { later: this.later }),
      ...(this.silence === undefined ? {} : { silence: this.silence }),
      ...(this.early === undefined ? {} : { early: this.early }),
    };
    return { kind: 'put-row', table: CLOCK_TABLE, key: CLOCK_ROW, value: JSON.stringify(saved) };
  }
}
