// Tells readers which generation of a View serves: learned a few times a second at most, and never
// older than a dropped generation could be.
import type { World } from '../world.ts';
import { type GenerationStore, readGenerations, type ViewGeneration } from './view-generations.ts';

export interface ViewDirectory {
  /** Undefined while there is none: the first one is being built. */
  serving(namespace: string, name: string): Promise<ViewGeneration | undefined>;
  /** Whether `serving` would tell that generation at once; it is learned anew when that is due. */
  serves(namespace: string, name: string, id: string): boolean;
  /** Whether the generation that `serving` gave still existed after the read. */
  isStill(namespace: string, name: string, id: string): boolean;
}

/** An entry counts for so long, and is served for so long while it is read anew. */
const KEPT_MS = 250;
const STALE_MS = 2_000;
/** A replaced generation remains for at least so long, so reads within that time are complete. */
export const RETIRED_MS = 10_000;

interface Known {
  readonly at: number;
  readonly generation: ViewGeneration | undefined;
}

export function createViewDirectory(world: World, store: GenerationStore): ViewDirectory {
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<Known>>();

  const ask = (namespace: string, name: string): Promise<Known> => {
    const key = `${namespace}/${name}`;
    const under = asking.get(key);
    if (under) return under;
    const at = world.monotonic();
    const answer = readGenerations(store, namespace, name)
      .then(({ serving }) => {
        const before = known.get(key)?.generation;
        // The same object for the same generation: readers hang what they derive from it on it.
        const found = { at, generation: before?.id === serving?.id ? before : serving };
        known.set(key, found);
        return found;
      })
      .finally(() => asking.delete(key));
    asking.set(key, answer);
    return answer;
  };

  /** The answer that needs no waiting. */
  const recent = (namespace: string, name: string): ViewGeneration | undefined => {
    const found = known.get(`${namespace}/${name}`);
    if (found?.generation === undefined) return undefined;
    const age = world.monotonic() - found.at;
    if (age > STALE_MS) return undefined;
    if (age > KEPT_MS) ask(namespace, name).catch(() => undefined);
    return found.generation;
  };

  return {
    async serving(namespace, name) {
      return recent(namespace, name) ?? (await ask(namespace, name)).generation;
    },
    serves(namespace, name, id) {
      return recent(namespace, name)?.id === id;
    },
    isStill(namespace, name, id) {
      const found = known.get(`${namespace}/${name}`);
      return found?.generation?.id === id && world.monotonic() - found.at < RETIRED_MS;
    },
  };
}
