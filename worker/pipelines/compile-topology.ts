// Divides the steps of a Pipeline into stages: a new one begins where something must be kept, called, or brought to another partition.
import type { Resource } from '../../resources/resource.ts';
import type { Flow, Step } from './flow/flow.ts';
import { branchStep, filterStep, flatMapStep, mapStep } from './flow/steps.ts';
import type { OutletPlan, SinkSpec, StepSpec, Topology } from './topology.ts';

/** Steps as they stand in a resource, in it or in one of its branches. */
type Steps = readonly Omit<StepSpec, 'branch'>[] | readonly StepSpec[];

interface Place {
  readonly outlets: OutletPlan[];
  /** What ids of events that are made here begin with. */
  readonly origin: string;
}

/** Expressions were checked before. */
export function compileTopology({ metadata, spec }: Resource<'Pipeline'>): Topology {
  const outlets: OutletPlan[] = [];
  const flow = compileFlow(spec.steps, spec.to, { outlets, origin: metadata.name });
  return { source: { flow, outlets } };
}

function compileFlow(steps: Steps, sinks: readonly SinkSpec[], place: Place): Flow {
  const made: Step[] = [];
  for (const [index, step] of steps.entries()) {
    const next = compileStep(step, index, place);
    if (next) made.push(next);
  }
  return { steps: made, outlets: sinks.flatMap(sink => addSink(sink, place)) };
}

function compileStep(step: StepSpec | Omit<StepSpec, 'branch'>, index: number, place: Place): Step | undefined {
  const { filter, map, flatMap } = step;
  if (filter !== undefined) return filterStep(filter);
  if (typeof map === 'string') return mapStep(map, place.origin);
  if (typeof flatMap === 'string') return flatMapStep(flatMap, place.origin);
  if ('branch' in step && step.branch) {
    const branches = step.branch.map(({ when, steps, to }, number) => {
      const origin = `${place.origin}/${index}.${number}`;
      return { when, flow: compileFlow(steps, to, { ...place, origin }) };
    });
    return branchStep(branches);
  }
  return undefined;
}

function addSink(sink: SinkSpec, { outlets }: Place): number[] {
  const plan = planOf(sink);
  return plan ? [outlets.push(plan) - 1] : [];
}

function planOf({ topic, queue, view, key }: SinkSpec): OutletPlan | undefined {
  if (topic !== undefined) return { kind: 'topic', topic, key };
  if (queue !== undefined) return { kind: 'queue', queue, key };
  if (view !== undefined) return { kind: 'view', view };
  return undefined;
}
