// Leases in the memory of the one process that has the database: who held slices of it before is
// gone, as the file's lock shows.
import { assertLeaseRequest, lateTurn } from '../assert-lease.ts';
import type { StoreClock } from '../clock.ts';
import { decideLease, type Slice } from '../lease-book.ts';
import type { Leases } from '../leases.ts';
import { assertName } from '../limits.ts';

export function createMemoryLeases(clock: StoreClock, epoch: string): Leases {
  const budgets = new Map<string, Map<string, readonly Slice[]>>();
  const store = (scope: string, budget: string, slices: readonly Slice[]) => {
    const ofScope = budgets.get(scope) ?? new Map<string, readonly Slice[]>();
    if (slices.length > 0) ofScope.set(budget, slices);
    else ofScope.delete(budget);
    if (ofScope.size > 0) budgets.set(scope, ofScope);
    else budgets.delete(scope);
  };
  return {
    async lease(scope, budget, request) {
      assertName('The scope', scope);
      assertName('The budget', budget);
      assertLeaseRequest(request);
      const known = budgets.get(scope)?.get(budget) ?? [];
      const { slices, grant } = decideLease(known, request, clock.now(), { id: epoch, quietUntil: 0 });
      store(scope, budget, slices);
      return grant ?? lateTurn(request);
    },
  };
}
