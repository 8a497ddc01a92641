// One start of one process: what it has marked as its own in the store is anybody's once it has ended.

export interface Epoch {
  /** Different for each start of a process. */
  readonly id: string;
  /** Whether the process that had this id has ended. */
  isOver(id: string): Promise<boolean>;
}

/** Of a process that alone has the store: all others have ended. */
export function epochAlone(id: string): Epoch {
  return { id, isOver: async other => other !== id };
}
