// Standings that a command or a promotion chose, kept beside the resource until the resource itself says something new.
import type { Standing } from './standing.ts';

export type SwitchedBy = 'command' | 'promotion' | 'back-out';

export interface Switch {
  readonly to: Standing;
  /** What the resource declared at that time. A switch is in force only as long as the resource still declares it: the last word counts. */
  readonly declared: Standing;
  readonly by: SwitchedBy;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  /** One sentence: the evidence, or what a person gave as reason. */
  readonly reason: string;
}

/** Keeps switches over restarts. Both calls are rare, so they are synchronous. */
export interface SwitchStore {
  /** `key` names a feature: `default/shop/orders`. */
  read(key: string): Switch | undefined;
  /** Undefined removes it. Throws when it cannot be kept: then the switch must not happen. */
  write(key: string, value: Switch | undefined): void;
}

/** For processes that have nowhere to keep anything. */
export function createMemorySwitches(): SwitchStore {
  const switches = new Map<string, Switch>();
  return {
    read: key => switches.get(key),
    write(key, value) {
      if (value) switches.set(key, value);
      else switches.delete(key);
    },
  };
}
