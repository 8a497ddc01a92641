// Walks through all states that can be reached, breadth first, and stops at the first that is
// broken, with the way that led there.
import type { ModelBounds } from './bounds.ts';
import { check } from './check.ts';
import type { Rules } from './rules.ts';
import { encodeState, Names, type State } from './state.ts';
import type { Step } from './step.ts';
import { firstState, successors } from './steps.ts';

export interface Walk {
  /** '' when all states are well. */
  readonly broken: string;
  /** Steps from the start to what is broken. */
  readonly way: readonly string[];
  readonly states: number;
  /** All states were looked at; false when there are more than were asked for. */
  readonly complete: boolean;
  readonly depth: number;
}

export function explore(bounds: ModelBounds, rules: Rules, mostStates = 5_000_000): Walk {
  const names = new Names();
  const start = firstState(bounds);
  const known = new Map<string, number>([[encodeState(start, names), 0]]);
  const parents: number[] = [-1];
  const labels: string[] = [''];
  let frontier: [number, State][] = [[0, start]];
  let depth = 0;
  const wayTo = (id: number, last: string) => {
    const way = [last];
    for (let at = id; at > 0; at = parents[at] ?? 0) way.unshift(labels[at] ?? '');
    return way;
  };
  const broken = check(start, bounds, rules);
  if (broken) return { broken, way: [], states: 1, complete: false, depth };
  while (frontier.length > 0) {
    const next: [number, State][] = [];
    for (const [id, state] of frontier) {
      const steps: Step[] = [];
      successors(state, bounds, rules, steps);
      for (const step of steps) {
        const text = encodeState(step.state, names);
        const isKnown = known.has(text);
        const wrong = step.broken || (isKnown ? '' : check(step.state, bounds, rules));
        if (wrong) return { broken: wrong, way: wayTo(id, step.label), states: known.size, complete: false, depth };
        if (isKnown) continue;
        if (known.size >= mostStates) return { broken: '', way: [], states: known.size, complete: false, depth };
        const number = parents.length;
        known.set(text, number);
        parents.push(id);
        labels.push(step.label);
        next.push([number, step.state]);
      }
    }
    frontier = next;
    depth++;
  }
  return { broken: '', way: [], states: known.size, complete: true, depth };
}
