// One state of a resource, out of all its conditions: the worst of them.
import type { Condition } from '../../../admin/condition.ts';
import type { Reason } from '../../../resources/reasons.ts';
import type { Tone } from '../../parts/tone.ts';

export interface ShownState {
  readonly tone: Tone;
  /** The state in one word, of which there are few. */
  readonly health: string;
  /** The reason for it. */
  readonly word: string;
  readonly message: string;
}

/** `Degraded` and `Stalled` are bad when they hold, all others when they do not. */
export function toneOfCondition({ type, status }: Condition): Tone {
  if (status === 'Unknown') return 'quiet';
  const isBad = type === 'Degraded' || type === 'Stalled' ? status === 'True' : status === 'False';
  return isBad ? 'bad' : 'good';
}

/** Somebody must look, and it does its work. */
function worksIn({ type, reason }: Condition): boolean {
  return type === 'Healthy' || reason === ('CannotScale' satisfies Reason);
}

export function stateOf(conditions: readonly Condition[]): ShownState {
  const of = (tone: Tone) => conditions.find(each => toneOfCondition(each) === tone);
  const allBad = conditions.filter(each => toneOfCondition(each) === 'bad');
  const bad = allBad.find(each => !worksIn(each)) ?? allBad.at(-1);
  if (bad !== undefined) {
    const works = worksIn(bad);
    return { tone: works ? 'warn' : 'bad', health: HEALTH[bad.type], word: bad.reason, message: bad.message };
  }
  const unknown = of('quiet');
  if (unknown !== undefined)
    return { tone: 'quiet', health: 'Not known', word: unknown.reason, message: unknown.message };
  const ready = conditions.find(({ type }) => type === 'Ready') ?? conditions[0];
  return { tone: 'good', health: 'Healthy', word: ready?.reason ?? 'in force', message: ready?.message ?? '' };
}

/** The state when the condition is bad. */
const HEALTH: Readonly<Record<Condition['type'], string>> = {
  Accepted: 'Not accepted',
  Ready: 'Not ready',
  Healthy: 'Degraded',
  Degraded: 'Degraded',
  Stalled: 'Stalled',
};

const RANKS: Readonly<Record<Tone, number>> = { bad: 0, warn: 1, quiet: 2, busy: 3, good: 4 };

/** The worst comes first. */
export function rankOf(conditions: readonly Condition[]): number {
  return RANKS[stateOf(conditions).tone];
}
