// The row beside the windows of a partition: how far its owner has read, and the time so far.
import type { Tables } from '../../../drivers/store/tables.ts';
import type { SavedWatermark } from './watermark.ts';

export const CLOCK_TABLE = 'clock';
export const CLOCK_ROW = 'clock';

export interface SavedClock {
  /** The next offset that the stage needs. */
  readonly offset: number;
  readonly watermark: SavedWatermark;
  /** How often windows were reported since the last record because nothing came. */
  readonly ticks: number;
  /** The event time up to which that was. */
  readonly silence?: number;
  /** The time of the log up to which early results were given because nothing came. */
  readonly early?: number;
  readonly timestamp: number;
  readonly depth: string;
  readonly version: number;
  /** The partitions of the Topic, where its events are counted in place, or were. */
  readonly partitions?: number;
  /** They were, until the Topic got more partitions: the windows went on at this offset. */
  readonly later?: number;
  /** The name of that Topic in the log. An earlier release has not written it. */
  readonly source?: string;
}

/** Undefined where nothing is stored. */
export async function readClockText(store: Pick<Tables, 'row'>, scope: string): Promise<string | undefined> {
  const row = await store.row(scope, CLOCK_TABLE, CLOCK_ROW);
  return row && Buffer.from(row.value).toString();
}

/** The row of a partition, for somebody else than its owner. */
export async function readClock(store: Pick<Tables, 'row'>, scope: string): Promise<SavedClock | undefined> {
  const text = await readClockText(store, scope);
  return text === undefined ? undefined : JSON.parse(text);
}

/** The next offset that the owner of a partition needs, for somebody else. */
export async function readWindowOffset(store: Pick<Tables, 'row'>, scope: string): Promise<number | undefined> {
  return (await readClock(store, scope))?.offset;
}
