// Divides the steps of a Pipeline into stages: a new one begins where something must be kept, called, or brought to another partition.
import type { Resource } from '../../resources/resource.ts';
import type { Flow, Step } from './flow/flow.ts';
import { branchStep, filterStep, flatMapStep, mapStep } from './flow/steps.ts';
import type { OutletPlan, ReaderPlan, SinkSpec, StepSpec, Topology } from './topology.ts';

/** Steps as they stand in a resource, in it or in one of its branches. */
type Steps = readonly Omit<StepSpec, 'branch'>[] | readonly StepSpec[];

interface Place {
  readonly outlets: OutletPlan[];
  readonly readers: ReaderPlan[];
  /** What ids of events that are made here begin with. */
  readonly origin: string;
}

/** Expressions were checked before. */
export function compileTopology({ metadata, spec }: Resource<'Pipeline'>): Topology {
  const outlets: OutletPlan[] = [];
  const readers: ReaderPlan[] = [];
  const flow = compileFlow(spec.steps, spec.to, { outlets, readers, origin: metadata.name });
  return { source: { flow, outlets }, readers };
}

function compileFlow(steps: Steps, sinks: readonly SinkSpec[], place: Place): Flow {
  const made: Step[] = [];
  for (const [index, step] of steps.entries()) {
    const next = compileStep(step, index, place);
    if (next) made.push(next);
  }
  return { steps: made, outlets: sinks.map(sink => addSink(sink, place)) };
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

function addSink(sink: SinkSpec, { outlets, readers }: Place): number {
  return outlets.push(planOf(sink, readers)) - 1;
}

function planOf({ topic, queue, view, key, archive, ...target }: SinkSpec, readers: ReaderPlan[]): OutletPlan {
  if (topic !== undefined) return { kind: 'topic', topic, key };
  if (queue !== undefined) return { kind: 'queue', queue, key };
  if (view !== undefined) return { kind: 'view', view };
  const kind = archive ? 'archive' : 'call';
  // The same as long as the order of the sinks is: what is on its way then goes where it was to go.
  const id = `${kind}${readers.filter(reader => reader.kind === kind).length}`;
  readers.push(archive ? { kind: 'archive', id, archive } : { kind: 'call', id, target });
  return { kind: 'internal', reader: id };
}
