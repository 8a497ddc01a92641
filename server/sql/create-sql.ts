// SQL over what the plan in force keeps.
import { noSql, type SqlControl } from '../../admin/sql-view.ts';
import type { World } from '../../core/world.ts';
import { createResourceSet, type ResourceSet } from '../../resources/resource-set.ts';
import type { EventPlan } from '../../worker/plan/event-plan.ts';
import { createMasking } from '../events/masking/masking.ts';
import type { Storage } from '../storage/open-storage.ts';
import { createSqlService } from './sql-service.ts';
import type { ArchiveTable, TableSource } from './sql-tables.ts';
import { tablesOfPlan } from './tables-of-plan.ts';
import { tablesOfViews } from './view-tables.ts';

const NOTHING = createResourceSet([]);

export function createSql(
  world: World,
  storage: Storage | undefined,
  plan: () => Pick<EventPlan, 'pipelines' | 'views'> | undefined,
  resources: () => ResourceSet | undefined,
): SqlControl {
  if (storage === undefined) return noSql;
  const masking = createMasking(() => resources() ?? NOTHING);
  /** The data of an archive is hidden, too, where its Pipeline is not known. */
  const isMasked = ({ namespace, pipeline }: ArchiveTable) => {
    const resource = resources()?.get('Pipeline', namespace, pipeline);
    return resource === undefined || masking.ofConsumer(resource) !== undefined;
  };
  let known:
    | { readonly plan: Pick<EventPlan, 'pipelines' | 'views'>; readonly tables: readonly TableSource[] }
    | undefined;
  return createSqlService({
    world,
    storage,
    tables() {
      const now = plan();
      if (now === undefined) return [];
      if (known?.plan !== now) {
        const { store } = storage;
        known = { plan: now, tables: [...tablesOfPlan(now, store), ...tablesOfViews(now.views, store)] };
      }
      return known.tables.map(each => (each.kind === 'archive' ? { ...each, withoutData: isMasked(each) } : each));
    },
  });
}
