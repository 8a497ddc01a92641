// When a job of a FanOut is complete: decided from its counts alone.
import type { FanOutJob } from '../../core/fan-outs/job.ts';

export type CountOrFraction = { readonly count: number } | { readonly fraction: number };

export interface CompletionRule {
  readonly when: 'all' | 'quorum' | 'deadline';
  readonly quorum?: CountOrFraction | undefined;
  readonly tolerate: CountOrFraction;
}

export type Counts = Pick<FanOutJob, 'items' | 'split' | 'succeeded' | 'failed'>;

export type Verdict = 'go on' | 'succeeded' | 'failed';

/** While there is time left. */
export function judge(rule: CompletionRule, counts: Counts): Verdict {
  const { items, split, succeeded, failed } = counts;
  if (rule.when === 'quorum' && rule.quorum) {
    const needed = neededOf(rule.quorum, counts);
    if (needed !== undefined && succeeded >= needed) return 'succeeded';
    if (!split || needed === undefined) return 'go on';
    return items - failed < needed ? 'failed' : 'go on';
  }
  // With nothing that could still come there is no reason to wait for the deadline either.
  if (!split || succeeded + failed < items) return 'go on';
  return failed <= toleratedOf(rule.tolerate, items) ? 'succeeded' : 'failed';
}

/** At the deadline: what is not done by then counts as failed, unless the job takes what is there. */
export function judgeAtDeadline(rule: CompletionRule, counts: Counts): Exclude<Verdict, 'go on'> {
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
