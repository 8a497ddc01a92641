// Switches of features of Stranglers that differ from their resources, in the store, so that all
// gateways send requests to the same side.
import * as z from 'zod';
import type { World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import type { Keys } from '../../drivers/store/store.ts';
import { PHASES } from '../../gateway/strangler/phase/phase-state.ts';
import { isSameSwitch, type Switch, type SwitchStore } from '../../gateway/strangler/phase/switches.ts';
import { createDocument } from './document.ts';

export type Switches = Readonly<Record<string, Switch>>;

export interface SharedSwitches extends SwitchStore {
  /**
   * Reads them. `local` are those that an earlier version kept elsewhere, for a store that has
   * none.
   */
  load(local?: Switches): Promise<void>;
  close(): void;
}

const phaseState = z.object({ phase: z.enum(PHASES), percent: z.number().min(0).max(100) });

const switches = z.record(
  z.string(),
  z.object({
    to: phaseState,
    declared: phaseState,
    by: z.enum(['command', 'promotion', 'back-out', 'resource']),
    at: z.number(),
    reason: z.string(),
  }),
);

/** Throws for invalid ones. */
export function readSwitches(value: unknown): Switches {
  return switches.parse(value);
}

export function createSwitches(
  world: World,
  store: Pick<Keys, 'get' | 'put'>,
  hints: Hints | undefined,
): SharedSwitches {
  const all = createDocument<Switches>({ world, store, hints, key: 'strangler', initial: {}, parse: readSwitches });
  const listeners = new Map<string, Set<() => void>>();
  all.listen((now, before) => {
    for (const [key, told] of listeners) {
      if (!isSameSwitch(now[key], before[key])) for (const listener of [...told]) listener();
    }
  });
  return {
    get known() {
      return all.known;
    },
    read: key => all.current[key],
    async write(key, next, before) {
      const kept = await all.update(now => (isSameSwitch(now[key], before) ? { ...now, [key]: next } : now));
      return kept[key] ?? next;
    },
    listen(key, listener) {
      const told = listeners.get(key) ?? new Set();
      told.add(listener);
      listeners.set(key, told);
      return () => {
        told.delete(listener);
        if (told.size === 0 && listeners.get(key) === told) listeners.delete(key);
      };
    },
    async load(local = {}) {
      await all.load();
      if (Object.keys(local).length > 0) await all.update(now => (Object.keys(now).length === 0 ? local : now));
    },
    close: () => all.close(),
  };
}
