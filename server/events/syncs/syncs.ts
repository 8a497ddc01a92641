// The consumers that write changes back to legacy systems, as the gateway needs them: how far each
// is, and which of them runs in which phase.
import type { Syncs } from '../../../gateway/compile/plan-environment.ts';
import type { Facade } from '../../../gateway/strangler/facade.ts';
import type { SyncStatus } from '../../../gateway/strangler/phase/sync-status.ts';
import type { ConsumerState } from '../../../worker/event-plane.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { stateOfConsumer } from '../reports/consumer-reports.ts';

export function createSyncs(consumers: () => readonly ConsumerState[], moved: () => void): Syncs {
  return {
    moved,
    statusOf(namespace, strangler, feature) {
      const found = consumers().find(
        ({ plan: { sync, resource } }) =>
          sync?.strangler === strangler && sync.feature === feature && resource.metadata.namespace === namespace,
      );
      return found && statusOfSync(found);
    },
  };
}

/** The status of a consumer with the role `sync`. */
export function statusOfSync({ plan, runner }: ConsumerState): SyncStatus {
  const view = runner.running?.view;
  const state = stateOfConsumer(runner.state, view);
  return {
    target: view?.label ?? '',
    // A sync is no replay, which alone has an end.
    state: state === 'finished' ? 'running' : state,
    lastError: runner.lastError ?? view?.partitions.find(({ trouble }) => trouble !== undefined)?.trouble,
    lag: view?.lag,
    ageMs: view?.lag === 0 ? 0 : view?.oldestAgeMs,
    heldKeys: view?.held ?? 0,
    delivered: view?.delivered ?? 0,
    returned: plan.sync?.kept.returned ?? 0,
  };
}

/**
 * Leaves out features for which legacy is gone. Their positions stay: should legacy come back, they
 * continue there.
 */
export function activeConsumers(plans: readonly ConsumerPlan[], facades: readonly Facade[]): ConsumerPlan[] {
  return plans.filter(({ sync, resource }) => {
    if (sync === undefined) return true;
    const { namespace } = resource.metadata;
    const facade = facades.find(each => each.namespace === namespace && each.name === sync.strangler);
    return facade?.feature(sync.feature).phase !== 'retired';
  });
}
