// Topic epochs: each time that a topic is deleted and made again under its name, its offsets begin
// at the next multiple of a large number.

/**
 * Offsets of one epoch, far more than a partition holds. A whole number has room for 9,007 epochs.
 */
export const OFFSETS_PER_EPOCH = 1e12;

/** 0 for the first topic of a name. */
export function epochOf(offset: number): number {
  return Math.floor(offset / OFFSETS_PER_EPOCH);
}

/** Whether the topic was deleted and made again between two of its offsets. */
export function isRecreated(from: number, to: number): boolean {
  return epochOf(from) < epochOf(to);
}

/**
 * How many offsets lie from `from` up to, not including, `to`; records of earlier epochs are gone
 * and do not count. Never below 0.
 */
export function offsetDistance(from: number, to: number): number {
  return Math.max(0, to - Math.max(from, epochOf(to) * OFFSETS_PER_EPOCH));
}
