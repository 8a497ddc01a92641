// The plan of a Pipeline that counted events where its Topic had them, until keys moved: a stage
// brings events to the partition where their key was counted, and the windows go on there.
import type { PipelinePlan } from '../plan/compile-pipelines.ts';
import { filterStep } from './flow/steps.ts';
import type { CountedBefore } from './window/in-place.ts';

/** The windows keep their id and their partitions, and with both their state. */
export function movedPlan(
  plan: PipelinePlan,
  { id, partitions }: Pick<CountedBefore, 'id' | 'partitions'>,
): PipelinePlan {
  const { topology } = plan.settings;
  const { source } = topology;
  if (source.kind !== 'window') return plan;
  const flow = { steps: source.filters.map(filterStep), outlets: [0] };
  const window = { ...source.window, id, partitions, isMoved: true };
  return {
    ...plan,
    settings: {
      ...plan.settings,
      topology: {
        ...topology,
        source: { kind: 'flow', flow, outlets: [{ kind: 'window', window: id }] },
        windows: [window, ...topology.windows],
      },
    },
  };
}

/** The windows that were counted in place; undefined: there are none. */
export function movedWindowOf({ settings }: PipelinePlan) {
  return settings.topology.windows.find(({ isMoved }) => isMoved);
}
