// SQL over what the plan in force keeps.
import { noSql, type SqlControl } from '../../admin/sql-view.ts';
import type { World } from '../../core/world.ts';
import type { EventPlan } from '../../worker/plan/event-plan.ts';
import type { Storage } from '../storage/open-storage.ts';
import { createSqlService } from './sql-service.ts';
import type { TableSource } from './sql-tables.ts';
import { tablesOfPlan } from './tables-of-plan.ts';
import { tablesOfViews } from './view-tables.ts';

export function createSql(
  world: World,
  storage: Storage | undefined,
  plan: () => Pick<EventPlan, 'pipelines' | 'views'> | undefined,
): SqlControl {
  if (storage === undefined) return noSql;
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
      return known.tables;
    },
  });
}
