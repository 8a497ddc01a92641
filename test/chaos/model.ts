// What was promised, kept beside the platform: which events were acknowledged, and what came of each.

export interface Model {
  /** What was wrong, in order. */
  readonly wrong: readonly string[];
  /** An event of a key; they have numbers from 1 on, and each is sent when the one before was acknowledged. */
  acknowledged(key: string, number: number): void;
  /** The function got it. */
  begins(key: string, number: number): void;
  /** The function has answered that it is done. */
  handled(key: string, number: number): void;
  /** Events that were acknowledged and not handled. */
  open(): readonly string[];
  /** All that were acknowledged. */
  all(): readonly string[];
  readonly calls: number;
  /** Calls with an event that had been handled before. */
  readonly repeats: number;
}

interface KeyState {
  acknowledged: number;
  readonly begun: Set<number>;
  readonly handled: Set<number>;
}

export const idOf = (key: string, number: number): string => `${key}-${number}`;

export function createModel(): Model {
  const keys = new Map<string, KeyState>();
  const wrong: string[] = [];
  let calls = 0;
  let repeats = 0;
  const stateOf = (key: string): KeyState => {
    const found = keys.get(key) ?? { acknowledged: 0, begun: new Set(), handled: new Set() };
    keys.set(key, found);
    return found;
  };
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  return {
    wrong,
    get calls() {
      return calls;
    },
    get repeats() {
      return repeats;
    },
    acknowledged(key, number) {
      stateOf(key).acknowledged = number;
    },
    begins(key, number) {
      calls++;
      const state = stateOf(key);
      if (state.handled.has(number)) repeats++;
      if (state.begun.has(number)) return;
      state.begun.add(number);
      if (number > 1 && !state.handled.has(number - 1))
        wrong.push(`${idOf(key, number)} begins while ${number - 1} of its key is open`);
    },
    handled(key, number) {
      stateOf(key).handled.add(number);
    },
    open: () =>
      [...keys].flatMap(([key, { acknowledged, handled }]) =>
        upTo(acknowledged).flatMap(number => (handled.has(number) ? [] : [idOf(key, number)])),
      ),
    all: () => [...keys].flatMap(([key, { acknowledged }]) => upTo(acknowledged).map(number => idOf(key, number))),
  };
}
