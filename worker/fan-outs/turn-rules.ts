// The rules of a FanOut by which its jobs go on and end.
import type { CompletionRule } from './completion.ts';

export interface TurnRules {
  readonly completion: CompletionRule;
  readonly deadlineMs: number;
  /** How long an ended job is kept. */
  readonly ttlMs: number;
  readonly gathers: boolean;
  /** Items are jobs of this FanOut, of the same namespace. */
  readonly nested?: string | undefined;
}
