// Which consumers were paused by command: kept in the store, so that it lasts over restarts.
import type { Store } from '../../drivers/store/store.ts';

export interface Pauses {
  isPaused(group: string): Promise<boolean>;
  /** Those known to be paused, without asking the store. */
  known(group: string): boolean;
  set(group: string, paused: boolean): Promise<void>;
}

const SCOPE = 'control';
/** Until somebody resumes it; the store keeps nothing for ever. */
const TTL_MS = 10 * 365 * 86_400_000;

export function createPauses(store: Pick<Store, 'get' | 'put' | 'delete'>): Pauses {
  const paused = new Set<string>();
  const keyOf = (group: string) => `paused/${group}`;
  const note = (group: string, is: boolean) => (is ? paused.add(group) : paused.delete(group));
  return {
    async isPaused(group) {
      const is = (await store.get(SCOPE, keyOf(group))) !== undefined;
      note(group, is);
      return is;
    },
    known: group => paused.has(group),
    async set(group, is) {
      if (is) await store.put(SCOPE, keyOf(group), '1', { ttlMs: TTL_MS });
      else await store.delete(SCOPE, keyOf(group));
      note(group, is);
    },
  };
}
