// The lives of a name: each time that its topic is made again after it was deleted, its offsets begin at the next multiple of a large number.

/** Offsets of one life; far more than a partition holds. 9,007 lives fit into a whole number. */
export const LIFE = 1e12;

/** 0 for the first topic of a name. */
export function lifeOf(offset: number): number {
  return Math.floor(offset / LIFE);
}

/** Whether the topic was deleted and made again between two of its offsets. */
export function isMadeAgain(from: number, to: number): boolean {
  return lifeOf(from) < lifeOf(to);
}

/** How many offsets lie from `from` up to, not including, `to`; nothing is left of earlier lives. Not below 0. */
export function distance(from: number, to: number): number {
  return Math.max(0, to - Math.max(from, lifeOf(to) * LIFE));
}
