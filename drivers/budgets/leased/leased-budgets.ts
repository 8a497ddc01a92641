// Budgets over the leases of a store: this process holds slices of each limit, asks ahead for what
// it will need, and hands over what others lack.

import { createOutlook } from '../../../core/retry/outlook.ts';
import type { Timer, World } from '../../../core/world.ts';
import type { Leases } from '../../store/leases.ts';
import type { Budgets } from '../budgets.ts';
import { LEASE_MS } from './pace.ts';
import { SliceHolder } from './slice-holder.ts';

export interface LeasedBudgetsOptions {
  readonly world: World;
  readonly leases: Leases;
  /**
   * Called when the store is lost sight of, with the error, and when it is back; not for each try.
   */
  readonly onChange?: (state: 'away' | 'back', error?: unknown) => void;
}

export interface LeasedBudgets extends Budgets {
  /** False while the store does not answer. */
  readonly inSight: boolean;
  /** Gives everything back, and waits for the store to take it, at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/**
 * One for all limits: so a store that is new to everybody has to be waited for once, and
 * not again for each of them.
 */
const SCOPE = 'budgets';

export function createLeasedBudgets({ world, leases, onChange }: LeasedBudgetsOptions): LeasedBudgets {
  const origin = world.id();
  const outlook = createOutlook(onChange);
  const active = new Set<SliceHolder>();
  let opened = 0;
  // The time for which a store that may have forgotten grants is quiet begins with the first who
  // asks: now, and not with the first call.
  void leases
    .lease(SCOPE, 'start', { holder: origin, turn: 1, limit: 0, held: 0, demand: 0, ttlMs: LEASE_MS })
    .then(outlook.answered, outlook.failed);
  return {
    get inSight() {
      return outlook.inSight;
    },
    open({ name, ...rest }) {
      return new SliceHolder({
        ...rest,
        world,
        outlook,
        active,
        // One that replaces another of the same name is not taken for it.
        holder: `${origin}.${opened++}`,
        ask: request => leases.lease(SCOPE, name, request),
      });
    },
    async close(graceMs) {
      const ended = Promise.all([...active].map(slices => slices.close()));
      let timer: Timer | undefined;
      const late = new Promise<void>(resolve => {
        timer = world.after(graceMs, resolve);
      });
      await Promise.race([ended, late]);
      timer?.cancel();
      for (const slices of active) slices.stop();
    },
  };
}
