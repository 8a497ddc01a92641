// What the operator finds of an object.
import type { Reason } from '../../resources/reasons.ts';

/** What is the case, and why. */
export interface Finding {
  readonly is: boolean;
  readonly reason: Reason;
  readonly message: string;
}
