// What became of what the operator did.
import type { Workload } from './decide.ts';
import type { LookAgain } from './reconcile-context.ts';

export interface Acted {
  readonly workload: Workload | undefined;
  readonly lookAgain?: LookAgain;
  /** Tells the queue to come again, after the status has been written. */
  readonly error?: unknown;
}
