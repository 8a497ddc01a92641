// One simulated process that folds the View, as a worker does, with the plan that it has heard of.
import type { SearchIndex } from '../../../drivers/search-index/search-index.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createPresence } from '../../../server/shared/presence.ts';
import { createViewPlane, type ViewPlane } from '../../../worker/view-plane.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import { createSimulatedSearch, type SimulatedIndexes } from '../search/simulated-search.ts';
import type { SimulatedState } from '../store/simulated-state.ts';
import { SimulatedStore, type StoreFaults } from '../store/simulated-store.ts';

export interface Shared {
  readonly broker: SimulatedBroker;
  readonly state: SimulatedState;
  readonly indexes: SimulatedIndexes;
  readonly faults: StoreFaults;
  readonly saw: (sight: string) => void;
}

/** A process's own way to what all share. */
export function portsOf({ broker, state, indexes, faults }: Shared, process: SimulatedProcess) {
  const log = new SimulatedLog(broker, process);
  const search = createSimulatedSearch(indexes, process, faults);
  // What is not simulated nobody here asks for.
  const store = new SimulatedStore(state, process, faults) as unknown as Store;
  return { log, search: search as SearchIndex, store };
}

export function ownView(shared: Shared, process: SimulatedProcess): ViewPlane {
  const { saw } = shared;
  const ports = portsOf(shared, process);
  const desiredVersions = createPresence(process.world, ports.store);
  desiredVersions.begin();
  return createViewPlane({
    world: process.world,
    ...ports,
    desiredVersions,
    observerFor: () => ({
      trouble: () => saw('trouble'),
      superseded: () => saw('superseded'),
      jumped: () => saw('jumped'),
      refused: () => saw('refused'),
    }),
    problem: () => saw('problem'),
  });
}
