// One start of one process. Its claims in the store are free for all once that process has ended.

export interface Incarnation {
  /** Different for each start of a process. */
  readonly id: string;
  /** Whether the process that had this id has ended. */
  isOver(id: string): Promise<boolean>;
}

/** For a process that has the store to itself: all others have ended. */
export function soleIncarnation(id: string): Incarnation {
  return { id, isOver: async other => other !== id };
}
