// What a stage of windows or a join has counted in this process, and what it holds.
import type { Stop } from './in-place.ts';

/** Since the stage was started. */
export interface WindowTotals {
  late: number;
  emitted: number;
  /** Why nothing is counted any more; undefined while something is. */
  stop: Stop | undefined;
  /** By owned partition: the event time so far, milliseconds since 1970. */
  readonly watermarks: Map<number, number>;
  /** By owned partition: events that a join keeps. */
  readonly joining: Map<number, number>;
}
