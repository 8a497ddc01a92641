// The findings of the operator about an object, from which the conditions of its status are made.
import type { Finding } from './finding.ts';

export interface Findings {
  readonly accepted: Finding;
  readonly ready: Finding;
  readonly progressing: Finding;
  readonly degraded: Finding;
  /** Nothing gets better unless somebody does something (kstatus). */
  readonly stalled: Finding | undefined;
}
