// How Views do, as the admin API shows it.
import type { ViewReport } from '../../../admin/event-view.ts';
import { viewGroupOf } from '../../../core/names.ts';
import { readGenerations, type ViewGeneration } from '../../../core/views/view-generations.ts';
import { viewLayoutOf } from '../../../core/views/view-layout.ts';
import { toTimestamp, type World } from '../../../core/world.ts';
import { readViewFreshness } from '../../../gateway/views/view-positions.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { ViewState } from '../../../worker/view-plane.ts';
import type { Storage } from '../../storage/open-storage.ts';
import type { LetterCount, LetterOwner } from '../control/dead-letter-control.ts';
import type { ViewPart } from './stage-parts.ts';

export interface ViewReportDeps {
  readonly world: World;
  readonly storage: Pick<Storage, 'log' | 'store'>;
  readonly count: LetterCount;
}

/**
 * An event that a View set aside is not delivered again: its order is that of its topics, and
 * another definition is built from all of them.
 */
export function letterOwnerOfView({ metadata: { namespace, name } }: Resource<'View'>): LetterOwner {
  const final =
    'A View takes each event once, in its order: mend the View, and it is built anew, or publish the event as it should be. The letter can be purged.';
  return { name: { kind: 'View', namespace, name }, group: viewGroupOf(namespace, name), final };
}

/** The part of a View that this process knows. */
export function viewPartOf({ plan, runner }: ViewState): ViewPart {
  const { namespace, name } = plan.resource.metadata;
  const generations = runner.running?.generations ?? [];
  const building = generations.find(({ role }) => role === 'building');
  const stages = generations.flatMap(({ view }) => (view ? [...view.rekeys.values(), view.fold] : []));
  const folds = generations.flatMap(({ view }) => view?.fold ?? []);
  const total = (of: typeof stages, count: 'refused' | 'jumped' | 'handled' | 'repeated') =>
    of.reduce((sum, { totals }) => sum + totals[count], 0);
  const trouble = stages.flatMap(({ partitions }) => partitions).find(each => each.trouble !== undefined)?.trouble;
  return {
    namespace,
    name,
    state: runner.state,
    lastError: runner.lastError ?? trouble,
    building: building?.view?.fold.totals.handled ?? 0,
    folded: total(folds, 'handled'),
    repeated: total(folds, 'repeated'),
    refused: total(stages, 'refused'),
    jumped: total(stages, 'jumped'),
  };
}

/** Adds what is in the store and in the log, whichever process folds the View. */
export async function toViewReport({ building, ...part }: ViewPart, deps: ViewReportDeps): Promise<ViewReport> {
  const { namespace, name } = part;
  const kept = await readGenerations(deps.storage.store, namespace, name);
  const look = async (found: ViewGeneration | undefined) => {
    if (found === undefined) return undefined;
    const { sources, id, since } = found;
    const { world, storage } = deps;
    const layout = viewLayoutOf(namespace, name, id);
    const freshness = await readViewFreshness({ world, log: storage.log, store: storage.store, layout, sources });
    return { id, since, freshness };
  };
  const served = await look(kept.serving);
  const built = await look(kept.building);
  return {
    ...part,
    lastError: part.lastError,
    generation: served?.id,
    behind: served?.freshness.behind,
    asOf: served && toTimestamp(served.freshness.asOf),
    building: built && {
      generation: built.id,
      since: toTimestamp(built.since),
      folded: building,
      behind: built.freshness.behind,
    },
    deadLetters: await deps.count(viewGroupOf(namespace, name)),
  };
}
