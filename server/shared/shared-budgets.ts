// The limits that this process shares with others: it holds slices of them by leases of the store.
// A process that has the store alone shares none, and its limits are its own.
import type { World } from '../../core/world.ts';
import { createLeasedBudgets, type LeasedBudgets } from '../../drivers/budgets/leased/leased-budgets.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import type { Storage } from '../storage/open-storage.ts';

export function createSharedBudgets(
  world: World,
  storage: Pick<Storage, 'store' | 'hints'> | undefined,
  log: (entry: GatewayLogEntry) => void,
): LeasedBudgets | undefined {
  if (!storage || storage.hints === undefined) return undefined;
  return createLeasedBudgets({
    world,
    leases: storage.store,
    onChange(state, error) {
      if (state === 'back') log({ level: 'info', message: 'limits are shared with other processes again', fields: {} });
      else
        log({
          level: 'warn',
          message:
            'limits cannot be shared: the store does not answer. Calls go on with what this process holds for ten seconds, then limited functions are not called until it is back',
          fields: { reason: error instanceof Error ? error.message : String(error) },
        });
    },
  });
}
