// The facts about a Function that the operator gathers before it decides.
import type { Finding } from './finding.ts';

export interface Findings {
  readonly accepted: Finding;
  readonly ready: Finding;
  readonly progressing: Finding;
  readonly degraded: Finding;
  /** Nothing gets better unless somebody does something (kstatus). */
  readonly stalled: Finding | undefined;
}
