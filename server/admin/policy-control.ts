// Shows the policies of the plan in force to the admin API.
import type { PolicyControl } from '../../admin/policy-view.ts';
import type { Instruments } from '../../gateway/plan/instruments.ts';

export function createPolicyControl(instruments: () => Instruments, purge: PolicyControl['purge']): PolicyControl {
  return {
    report() {
      const { breakers, limits, retries } = instruments();
      return {
        breakers: [...breakers.values()].map(({ owner, value: { state, evidence, opened, refused } }) => ({
          ...owner,
          state,
          ...evidence,
          opened,
          refused,
        })),
        limits: [...limits.values()].map(({ owner, value }) => ({ ...owner, ...value.view })),
        retries: [...retries.values()].map(({ owner, value: { calls, retries: made, refused } }) => ({
          ...owner,
          calls,
          retries: made,
          refused,
        })),
      };
    },
    cache() {
      const { caches, cacheStore } = instruments();
      return {
        answers: cacheStore?.size ?? 0,
        bytes: cacheStore?.bytes ?? 0,
        routes: [...caches.values()].map(({ owner, value }) => ({ ...owner, ...value })),
      };
    },
    purge,
  };
}
