// Puts together the public view of a dispatcher.
import type { CallScheduler } from './calls/call-scheduler.ts';
import type { DispatcherView, FlowState, PartitionView, Totals } from './view.ts';

export function viewOf(
  group: string,
  label: string,
  scheduler: CallScheduler,
  totals: Totals,
  partitions: readonly PartitionView[],
): DispatcherView {
  const sum = (figure: (partition: PartitionView) => number) => partitions.reduce((all, one) => all + figure(one), 0);
  const ages = partitions.flatMap(({ oldestAgeMs }) => (oldestAgeMs === undefined ? [] : [oldestAgeMs]));
  return {
    ...totals,
    group,
    label,
    flow: flowOf(scheduler),
    inFlight: scheduler.inFlight,
    lag: partitions.some(({ lag }) => lag === undefined) ? undefined : sum(({ lag }) => lag ?? 0),
    oldestAgeMs: ages.length > 0 ? Math.max(...ages) : undefined,
    parkedKeys: sum(({ parkedKeys }) => parkedKeys),
    parkedEvents: sum(({ parkedEvents }) => parkedEvents),
    held: sum(({ held }) => held),
    finished: partitions.length > 0 && partitions.every(({ finished }) => finished),
    partitions: [...partitions].sort((a, b) => a.partition - b.partition),
  };
}

function flowOf({ closed, paused, breaker }: CallScheduler): FlowState {
  if (closed) return 'closed';
  if (paused) return 'paused';
  if (breaker.tripped) return 'failing';
  return breaker.isFlowing ? 'flowing' : 'resting';
}
