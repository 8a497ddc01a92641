// The port through which processes read resources: files on a laptop, the API server in a cluster.
import type { ResourceProblem } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';

/** One consistent, validated state of all resources. Never changes; a change makes a new one. */
export interface Snapshot {
  /** Counts accepted snapshots from 1. */
  readonly generation: number;
  readonly resources: ResourceSet;
  /** Warnings of this snapshot; errors would have kept it from being accepted. */
  readonly warnings: readonly ResourceProblem[];
}

/**
 * Compiles a candidate aside, before it is accepted. Returns the problems found; any error refuses
 * the candidate and the current snapshot stays. On acceptance `commit` is called once,
 * synchronously, to swap in the compiled parts.
 */
export type Acceptor = (candidate: ResourceSet) => {
  readonly problems: readonly ResourceProblem[];
  commit(): void;
};

export interface CatalogEvents {
  /** A new snapshot was accepted and is in force. */
  accepted(snapshot: Snapshot): void;
  /** A change was refused; the snapshot before it stays in force. */
  refused(problems: readonly ResourceProblem[]): void;
}

export interface Catalog {
  /** The snapshot in force, or undefined as long as none was ever valid. */
  readonly current: Snapshot | undefined;
  /**
   * Problems of the newest state seen: warnings of the current snapshot, or why the
   * newest change was refused.
   */
  readonly problems: readonly ResourceProblem[];
  close(): Promise<void>;
}
