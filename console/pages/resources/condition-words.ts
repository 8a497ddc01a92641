// One state of a resource, out of all its conditions: the worst of them.
import type { Condition } from '../../../admin/condition.ts';
import { isBad, shownCondition, worksIn } from '../../../resources/shown-condition.ts';
import type { Tone } from '../../parts/tone.ts';

export interface ShownState {
  readonly tone: Tone;
  /** The state in one word, of which there are few. */
  readonly health: string;
  /** The reason for it. */
  readonly word: string;
  readonly message: string;
}

export function toneOfCondition(condition: Condition): Tone {
  if (condition.status === 'Unknown') return 'quiet';
  return isBad(condition) ? 'bad' : 'good';
}

/** Lists keep it: their rows are sorted and drawn by it again and again. */
const states = new WeakMap<readonly Condition[], ShownState>();

export function stateOf(conditions: readonly Condition[]): ShownState {
  const known = states.get(conditions);
  if (known !== undefined) return known;
  const state = decide(conditions);
  states.set(conditions, state);
  return state;
}

function decide(conditions: readonly Condition[]): ShownState {
  const shown = shownCondition(conditions);
  if (shown === undefined) return { tone: 'good', health: 'Healthy', word: 'in force', message: '' };
  const { reason: word, message } = shown;
  if (isBad(shown)) return { tone: worksIn(shown) ? 'warn' : 'bad', health: HEALTH[shown.type], word, message };
  if (shown.status === 'Unknown') return { tone: 'quiet', health: 'Not known', word, message };
  return { tone: 'good', health: 'Healthy', word, message };
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
