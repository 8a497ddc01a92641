// Standings that a command or a promotion chose, kept beside the resource until the resource
// itself says something new.
import type { PhaseState } from './phase-state.ts';

export type SwitchedBy = 'command' | 'promotion' | 'back-out';

export interface Switch {
  /** May be the declared state: the feature was brought back there. */
  readonly to: PhaseState;
  /**
   * The state that the resource declared at that time. A switch is in force only as long as the
   * resource still declares it: the last word counts.
   */
  readonly declared: PhaseState;
  readonly by: SwitchedBy | 'resource';
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  /** One sentence: the evidence, or what a person gave as reason. */
  readonly reason: string;
}

/** Keeps switches over restarts, the same for all processes. */
export interface SwitchStore {
  /** False as long as nobody could say yet where features stand. */
  readonly known: boolean;
  /** `key` names a feature: `default/shop/orders`. */
  read(key: string): Switch | undefined;
  /**
   * Answers with the stored switch: `next`, or the one that another process wrote since `before`
   * was read. Rejects when it cannot be kept: then the
   * switch must not happen.
   */
  write(key: string, next: Switch, before: Switch | undefined): Promise<Switch>;
  /** Told when another process has written it, and when it is known for the first time. */
  listen(key: string, listener: () => void): () => void;
}

/** For processes that have nowhere to keep anything. */
export function createMemorySwitches(): SwitchStore {
  const switches = new Map<string, Switch>();
  return {
    known: true,
    read: key => switches.get(key),
    async write(key, next) {
      switches.set(key, next);
      return next;
    },
    listen: () => () => {},
  };
}

export function isSameSwitch(one: Switch | undefined, other: Switch | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
