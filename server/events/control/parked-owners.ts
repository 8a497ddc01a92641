// The consumers that park events: whatever a dispatcher hands events to, but callbacks, which are
// internal to a Queue.
import { type GenerationStore, readGenerations } from '../../../core/views/view-generations.ts';
import type { ConsumerState } from '../../../worker/event-plane.ts';
import { dispatchSettings } from '../../../worker/pipelines/run-call.ts';
import type { PipelinePlan } from '../../../worker/plan/compile-pipelines.ts';
import type { ViewPlan } from '../../../worker/plan/compile-views.ts';
import type { Masking } from '../masking/masking.ts';
import { nameOf } from '../reports/consumer-reports.ts';
import { calledOf } from '../run-pipelines.ts';
import type { ParkedOwner } from './parked-deps.ts';

export interface ParkedOwnersOptions {
  readonly storage: { readonly store: GenerationStore };
  readonly pipelines: { readonly pipelines: readonly { readonly plan: PipelinePlan }[] };
  readonly masking: Masking;
  readonly views: { readonly views: readonly { readonly plan: ViewPlan }[] };
}

/** `consumers`: all but callbacks. */
export async function parkedOwners(
  { storage, pipelines, views, masking }: ParkedOwnersOptions,
  consumers: readonly ConsumerState[],
): Promise<readonly ParkedOwner[]> {
  const ofViews = await Promise.all(views.views.map(({ plan }) => ownersOfView(storage.store, plan)));
  const parked = [
    ...consumers.map(state => ({ of: state.plan, owners: [{ name: nameOf(state), settings: state.plan.settings }] })),
    ...pipelines.pipelines.map(({ plan }) => ({ of: plan, owners: ownersOfPipeline(plan) })),
    ...views.views.map(({ plan }, index) => ({ of: plan, owners: ofViews[index] ?? [] })),
  ];
  return parked.flatMap(({ of, owners }) =>
    owners.map(owner => ({ ...owner, mask: () => masking.ofConsumer(of.resource) })),
  );
}

/** The parts of a Pipeline that call functions. */
function ownersOfPipeline({ settings, resource }: PipelinePlan): ParkedOwner[] {
  return calledOf(settings).map(({ name, group }) => ({ name, settings: dispatchSettings(resource, group) }));
}

/** The function of a View is called for each of its topics, and anew while another one is built. */
async function ownersOfView(store: GenerationStore, plan: ViewPlan): Promise<ParkedOwner[]> {
  const { namespace, name } = plan.resource.metadata;
  const { serving, building } = await readGenerations(store, namespace, name);
  return [serving, building].flatMap(generation => {
    const settings = generation && plan.settingsOf(generation);
    if (generation === undefined || settings?.projection === undefined) return [];
    const suffix = generation === serving ? '' : '/building';
    return generation.sources.map(({ name: source, topic }): ParkedOwner => {
      const group = settings.layout.rekeyGroupOf(topic);
      const full = `${name}/${source}${suffix}`;
      return { name: { kind: 'View', namespace, name: full }, settings: { group, topic, order: 'key' } };
    });
  });
}
