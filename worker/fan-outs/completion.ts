// Decides from its counts alone when a job of a FanOut is complete.
import type { FanOutJob } from '../../core/fan-outs/job.ts';

export type CountOrFraction = { readonly count: number } | { readonly fraction: number };

export interface CompletionRule {
  readonly when: 'all' | 'quorum' | 'deadline';
  readonly quorum?: CountOrFraction | undefined;
  readonly tolerate: CountOrFraction;
}

export type Counts = Pick<FanOutJob, 'items' | 'split' | 'succeeded' | 'failed'>;

export type CompletionVerdict = 'go on' | 'succeeded' | 'failed';

/** The decision while there is time left. */
export function judgeCompletion(rule: CompletionRule, counts: Counts): CompletionVerdict {
  const { items, split, succeeded, failed } = counts;
  if (rule.when === 'quorum' && rule.quorum) {
    const needed = neededOf(rule.quorum, counts);
    if (needed !== undefined && succeeded >= needed) return 'succeeded';
    if (!split || needed === undefined) return 'go on';
    return items - failed < needed ? 'failed' : 'go on';
  }
  // When nothing can still come, there is no reason to wait for the deadline either.
  if (!split || succeeded + failed < items) return 'go on';
  return failed <= toleratedOf(rule.tolerate, items) ? 'succeeded' : 'failed';
}

/**
 * The decision at the deadline: open items count as failed, unless the job accepts a part of the
 * results.
 */
export function judgeAtDeadline(rule: CompletionRule, counts: Counts): Exclude<CompletionVerdict, 'go on'> {
  const { items, split, succeeded, failed } = counts;
  const tolerated = toleratedOf(rule.tolerate, items);
  if (rule.when === 'deadline') return failed <= tolerated ? 'succeeded' : 'failed';
  if (rule.when === 'quorum' || !split) return 'failed';
  return items - succeeded <= tolerated ? 'succeeded' : 'failed';
}

/** Undefined while it is not known how many items there are. */
function neededOf(quorum: CountOrFraction, { items, split }: Counts): number | undefined {
  if ('count' in quorum) return quorum.count;
  return split ? Math.ceil(quorum.fraction * items) : undefined;
}

function toleratedOf(tolerate: CountOrFraction, items: number): number {
  return 'count' in tolerate ? tolerate.count : Math.floor(tolerate.fraction * items);
}
