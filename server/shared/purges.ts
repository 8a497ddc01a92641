// Purges of the caches of gateways, in a list for all gateways: each gateway applies the purges
// that it has not applied yet.
import * as z from 'zod';
import type { PurgeQuery } from '../../admin/policy-view.ts';
import type { World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import type { Keys } from '../../drivers/store/store.ts';
import { createDocument } from './document.ts';

export interface Purges {
  /**
   * Purges here and, once it resolves, within a second everywhere. Rejects when the others cannot
   * be reached.
   */
  purge(query: PurgeQuery): Promise<number>;
  load(): Promise<void>;
  close(): void;
}

export interface PurgesOptions {
  readonly world: World;
  readonly store: Pick<Keys, 'get' | 'put'>;
  readonly hints: Hints;
  /** Forgets it in this process. */
  forget(query: PurgeQuery): number;
}

/** A gateway that has missed more than these clears its whole cache. */
const MOST = 200;

const text = z.string().optional();
const query = z.strictObject({ namespace: text, api: text, route: text, path: text, prefix: text, tag: text });
/** `next`: the number of the purge after the newest. */
const purges = z.object({ next: z.number(), newest: z.array(query) });
type PurgeLog = z.output<typeof purges>;

export function createPurges({ world, store, hints, forget }: PurgesOptions): Purges {
  const all = createDocument<PurgeLog>({
    world,
    store,
    hints,
    key: 'purges',
    initial: { next: 0, newest: [] },
    parse: value => purges.parse(value),
  });
  /** The number of the next purge to apply; undefined until the list is known. */
  let done: number | undefined;
  /**
   * True while the list is read before the first plan: no answers are
   * cached yet that it could purge.
   */
  let starting = false;

  const follow = ({ next, newest }: PurgeLog) => {
    if (starting) return;
    const missed = done === undefined ? Number.POSITIVE_INFINITY : next - done;
    done = next;
    if (missed === 0) return;
    // A list that has begun anew may have lost some, too.
    if (missed < 0 || missed > newest.length) forget({});
    else for (const each of newest.slice(-missed)) forget(without(each));
  };
  all.listen(follow);

  return {
    async purge(wanted) {
      // Purges here also when the store is away.
      const count = forget(wanted);
      await all.update(({ next, newest }) => ({ next: next + 1, newest: [...newest, wanted].slice(-MOST) }));
      return count;
    },
    async load() {
      starting = true;
      await all.load();
      starting = false;
      if (all.known) done = all.current.next;
    },
    close: () => all.close(),
  };
}

function without(found: z.output<typeof query>): PurgeQuery {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
