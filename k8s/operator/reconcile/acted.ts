// The result of an action of the operator.
import type { Workload } from '../status/decide.ts';
import type { LookAgain } from './reconcile-context.ts';

export interface Acted {
  readonly workload: Workload | undefined;
  readonly lookAgain?: LookAgain;
  /** Tells the queue to come again, after the status has been written. */
  readonly error?: unknown;
}
