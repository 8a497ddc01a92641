// What the durable state says, whoever reads it: asked by the ledger, answered from the log.
import type { SimulatedProcess } from '../kernel/process.ts';

export interface Truth {
  /** Milliseconds since 1970 at virtual time 0. */
  readonly epoch: number;
  /** What the durable state itself shows to be broken. */
  readonly broken?: Error | undefined;
  /** Owners that claimed the partition so far. */
  claims(partition: number): number;
  /** Whether nobody has claimed the partition since the process did. */
  isOwner(process: SimulatedProcess, partition: number): boolean;
  /** Whether it was ever given up, by a record that counts. */
  wasGivenUp(partition: number, offset: number): boolean;
  /** How often it was brought back by a person. */
  redrives(partition: number, offset: number): number;
  /**
   * Whether the process took over after the durable state already said that the
   * event was handled or given up.
   */
  isOverFor(process: SimulatedProcess, partition: number, offset: number): boolean;
  /** Whether a person brought it back and nothing has become of it since. */
  isBack(partition: number, offset: number): boolean;
  /** Whether its key, or the event itself, waits for a person. */
  isHeld(partition: number, offset: number): boolean;
  /** What is missing for an event that was given up to count as told; undefined when nothing is. */
  missing(partition: number, offset: number): string | undefined;
}

/** For consumers that write down nothing but positions. */
export function createBlankTruth(epoch: number, claims: () => number): Truth {
  return {
    epoch,
    claims,
    isOwner: () => true,
    wasGivenUp: () => false,
    redrives: () => 0,
    isOverFor: () => false,
    isHeld: () => false,
    isBack: () => false,
    missing: () => undefined,
  };
}
