// A finding of the operator about an object.
import type { Reason } from '../../../resources/reasons.ts';

/** The state, and its reason. */
export interface Finding {
  readonly is: boolean;
  readonly reason: Reason;
  readonly message: string;
}
