// How Views do, as the admin API shows it.
import type { ViewReport } from '../../admin/event-view.ts';
import { toTimestamp, type World } from '../../core/world.ts';
import { lookAtView } from '../../gateway/views/view-positions.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { sourcesOfView } from '../../resources/views/layout-of-view.ts';
import type { ViewState } from '../../worker/view-plane.ts';
import type { Storage } from '../open-storage.ts';

export interface ViewReportDeps {
  readonly world: World;
  readonly storage: Pick<Storage, 'log' | 'store'>;
  readonly resources: ResourceSet;
}

export async function toViewReport({ plan, runner }: ViewState, deps: ViewReportDeps): Promise<ViewReport> {
  const { world, storage, resources } = deps;
  const { namespace, name, layout } = plan.settings;
  const running = runner.running;
  const stages = running ? [...running.rekeys.values(), running.fold] : [];
  const total = (count: 'refused' | 'jumped') => stages.reduce((sum, { totals }) => sum + totals[count], 0);
  const trouble = stages.flatMap(({ partitions }) => partitions).find(each => each.trouble !== undefined)?.trouble;
  const sources = sourcesOfView(plan.resource, resources);
  // Before its topics are there nothing is known of it.
  const freshness = running && (await lookAtView({ world, log: storage.log, store: storage.store, layout, sources }));
  return {
    namespace,
    name,
    generation: layout.generation,
    state: runner.state,
    lastError: runner.lastError ?? trouble,
    behind: freshness?.behind,
    asOf: freshness && toTimestamp(freshness.asOf),
    folded: running?.fold.totals.handled ?? 0,
    repeated: running?.fold.totals.repeated ?? 0,
    refused: total('refused'),
    jumped: total('jumped'),
  };
}
