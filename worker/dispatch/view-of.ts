// Puts together the public view of a dispatcher.
import type { CallScheduler } from './calls/call-scheduler.ts';
import type { PartitionContext } from './partition-context.ts';
import type { DispatcherView, FailedEvent, FlowState, PartitionView } from './view.ts';

export function viewOf(
  named: Pick<DispatcherView, 'group' | 'label'>,
  { world, scheduler, totals, newest }: Pick<PartitionContext, 'world' | 'scheduler' | 'totals' | 'newest'>,
  partitions: readonly PartitionView[],
): DispatcherView {
  const sum = (figure: (partition: PartitionView) => number) => partitions.reduce((all, one) => all + figure(one), 0);
  const ages = partitions.flatMap(({ oldestAgeMs }) => (oldestAgeMs === undefined ? [] : [oldestAgeMs]));
  return {
    ...totals,
    failuresBy: { ...totals.failuresBy },
    uncountedBy: { ...totals.uncountedBy },
    ...named,
    flow: flowOf(scheduler),
    limitedBy: scheduler.limitedBy,
    heldBack: scheduler.shares?.heldBack ?? [],
    goesOnAt: goesOnAt(scheduler, world),
    inFlight: scheduler.inFlight,
    lag: partitions.some(({ lag }) => lag === undefined) ? undefined : sum(({ lag }) => lag ?? 0),
    oldestAgeMs: ages.length > 0 ? Math.max(...ages) : undefined,
    parkedKeys: sum(({ parkedKeys }) => parkedKeys),
    parkedEvents: sum(({ parkedEvents }) => parkedEvents),
    failedFirst: firstOf(partitions.flatMap(({ failedFirst }) => failedFirst ?? [])),
    failingKeys: sum(({ failingKeys }) => failingKeys),
    held: sum(({ held }) => held),
    heldFirst: firstOf(partitions.flatMap(({ heldFirst }) => heldFirst ?? [])),
    newestFailure: newest.failure,
    finished: partitions.length > 0 && partitions.every(({ finished }) => finished),
    partitions: [...partitions].sort((a, b) => a.partition - b.partition),
  };
}

function firstOf(events: readonly FailedEvent[]): FailedEvent | undefined {
  return events.reduce<FailedEvent | undefined>(
    (first, one) => (first && first.since <= one.since ? first : one),
    undefined,
  );
}

/** In whole seconds: two views of one rest are to say the same, though clocks run differently. */
function goesOnAt({ goesOnAt: at }: CallScheduler, world: PartitionContext['world']): number | undefined {
  const left = at - world.monotonic();
  return left > 0 && Number.isFinite(left) ? Math.ceil((world.now() + left) / 1000) * 1000 : undefined;
}

function flowOf({ closed, paused, breaker }: CallScheduler): FlowState {
  if (closed) return 'closed';
  if (paused) return 'paused';
  if (breaker.tripped) return 'failing';
  return breaker.isFlowing ? 'flowing' : 'resting';
}
