// Liveness, in all states that can be reached: from each of them every healthy event can be
// delivered while no call of a poisoned one ends.
import type { ModelBounds } from './bounds.ts';
import type { Rules } from './rules.ts';
import { encodeState, Names, type State } from './state.ts';
import type { Step } from './step.ts';
import { firstState, successors } from './steps.ts';

export interface Starved {
  /** Which event waits for others; '' when none does anywhere. */
  readonly broken: string;
  /** Steps from the start to where it does. */
  readonly way: readonly string[];
  readonly states: number;
  readonly complete: boolean;
  /** The most steps that any event needed from anywhere. */
  readonly longest: number;
}

/**
 * Where the walk ends for want of claims or of room in the parking log, an owner may still come and
 * write: that is a bound of the walk, not of what is modelled.
 */
const MORE_CLAIMS = 1;
const MORE_RECORDS = 8;

export function findStarved(bounds: ModelBounds, rules: Rules, mostStates = 5_000_000): Starved {
  const names = new Names();
  const healthy = [...bounds.keys.keys()].filter(event => !bounds.poisoned?.includes(bounds.keys[event] ?? 0));
  const { stepsTo } = createSearch(bounds, rules, names);
  const start = firstState(bounds);
  const known = new Set([encodeState(start, names)]);
  const parents: number[] = [-1];
  const labels: string[] = [''];
  let longest = 0;
  let frontier: [number, State][] = [[0, start]];
  const wayTo = (id: number) => {
    const way: string[] = [];
    for (let at = id; at > 0; at = parents[at] ?? 0) way.unshift(labels[at] ?? '');
    return way;
  };
  while (frontier.length > 0) {
    const next: [number, State][] = [];
    for (const [id, state] of frontier) {
      for (const event of healthy) {
        const steps = stepsTo(state, event);
        if (steps === undefined)
          return {
            broken: `event ${event} waits for what is poisoned`,
            way: wayTo(id),
            states: known.size,
            complete: false,
            longest,
          };
        longest = Math.max(longest, steps);
      }
      const steps: Step[] = [];
      successors(state, bounds, rules, steps);
      for (const step of steps) {
        const text = encodeState(step.state, names);
        if (known.has(text)) continue;
        if (known.size >= mostStates) return { broken: '', way: [], states: known.size, complete: false, longest };
        known.add(text);
        next.push([parents.length, step.state]);
        parents.push(id);
        labels.push(step.label);
      }
    }
    frontier = next;
  }
  return { broken: '', way: [], states: known.size, complete: true, longest };
}

/**
 * What has to happen for a healthy event to be delivered, the shortest way first; nothing here is
 * the end of a call of what is poisoned.
 */
function createSearch(bounds: ModelBounds, rules: Rules, names: Names) {
  const wider = { ...bounds, claims: bounds.claims + MORE_CLAIMS, parkingLog: bounds.parkingLog + MORE_RECORDS };
  const events = [...bounds.keys.keys()];
  const isHealthy = (event: number) => !bounds.poisoned?.includes(bounds.keys[event] ?? 0);
  const isOver = ({ handled, dead }: State, event: number) => ((handled | dead) >> event) & 1;
  const helpful = events
    .filter(isHealthy)
    .flatMap(event => [`delivers ${event}: ok`, `begins ${event}: ok`, `ends ${event}`]);
  const rank = ({ label }: Step): number => {
    if (helpful.some(end => label.endsWith(end))) return 0;
    if (/ reads event \d+$/.test(label)) return 1;
    if (/ reads \d+ of the parking log$/.test(label)) return 2;
    if (/ (reads the commit|finds a commit under a newer claim|replays the parking log and takes over)$/.test(label))
      return 3;
    if (/ makes room in lane \d+$/.test(label)) return 4;
    if (/ begins \d+: fails$/.test(label)) return 5;
    return label === 'a new owner claims' ? 6 : Number.POSITIVE_INFINITY;
  };
  /** By event and state: how many steps it took from there. */
  const found = new Map<string, number>();
  const search = (state: State, event: number, seen: Set<string>): number | undefined => {
    if (isOver(state, event)) return 0;
    const name = `${event} ${encodeState(state, names)}`;
    const known = found.get(name);
    if (known !== undefined) return known;
    if (seen.has(name)) return undefined;
    seen.add(name);
    const steps: Step[] = [];
    successors(state, wider, rules, steps);
    const ranked = steps.map(step => ({ step, rank: rank(step) })).filter(({ rank }) => Number.isFinite(rank));
    ranked.sort((one, other) => one.rank - other.rank);
    for (const { step } of ranked) {
      const further = search(step.state, event, seen);
      if (further === undefined) continue;
      found.set(name, further + 1);
      return further + 1;
    }
    return undefined;
  };
  return { stepsTo: (state: State, event: number) => search(state, event, new Set()) };
}
