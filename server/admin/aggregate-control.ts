// Shows the admin API the recent requests of Aggregates that this process has answered.
import type { AggregateControl } from '../../admin/platform-view.ts';
import type { SettingsControl } from '../../admin/settings/settings-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { noRequests } from '../../gateway/plan/requests-report.ts';
import type { PlanInForce } from '../plan-in-force.ts';

export function createAggregateControl(
  inForce: Pick<PlanInForce, 'instruments' | 'resources'>,
  settings: Pick<SettingsControl, 'process'>,
): AggregateControl {
  return {
    requests(namespace, name, limit) {
      if (!inForce.resources?.get('Aggregate', namespace, name))
        throw new TenfoldError('not-found', `There is no Aggregate "${name}" in the namespace "${namespace}".`);
      const { host, role, startedAt } = settings.process();
      // Nothing leads to an Aggregate without an instrument.
      const report = inForce.instruments.aggregates.get(`${namespace}/${name}`)?.report(limit) ?? noRequests;
      return { process: { host, role, startedAt }, ...report };
    },
  };
}
