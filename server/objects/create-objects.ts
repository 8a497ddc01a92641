// The check of objects in the blob store for the plan in force, in the background and on request.
import { noObjects, type ObjectControl } from '../../admin/object-view.ts';
import type { World } from '../../core/world.ts';
import type { EventPlan } from '../../worker/plan/event-plan.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import { tablesOfPlan } from '../sql/tables-of-plan.ts';
import type { Storage } from '../storage/open-storage.ts';
import { createObjectService } from './object-service.ts';
import { startScrub } from './scrub.ts';
import type { ObjectSite } from './walk-objects.ts';

export interface ObjectsOptions {
  readonly world: World;
  readonly storage: Storage | undefined;
  plan(): Pick<EventPlan, 'pipelines'> | undefined;
  /** Whether this process reads them in the background. */
  readonly scrubs: boolean;
  readonly log: (entry: GatewayLogEntry) => void;
}

export interface Objects {
  readonly control: ObjectControl;
  close(): Promise<void>;
}

export function createObjects({ world, storage, plan, scrubs, log }: ObjectsOptions): Objects {
  if (storage === undefined || !storage.has.blobs) return { control: noObjects, close: async () => {} };
  const { store, blobs } = storage;
  const site: ObjectSite = {
    world,
    log: storage.log,
    store,
    blobs,
    archives() {
      const tables = tablesOfPlan(plan() ?? { pipelines: [] }, store);
      return tables.flatMap(table => (table.kind === 'archive' ? [table] : []));
    },
  };
  const scrub = scrubs ? startScrub({ site, log }) : undefined;
  return { control: createObjectService(site), close: async () => scrub?.close() };
}
