// Divides the steps of a Pipeline into stages: a new one begins where something must be kept, called, or brought to another partition.
import { createHash } from 'node:crypto';
import type { Resource } from '../../resources/resource.ts';
import type { Flow, Step } from './flow/flow.ts';
import { branchStep, filterStep, flatMapStep, mapStep } from './flow/steps.ts';
import type { OutletPlan, ReaderPlan, SinkSpec, StepSpec, Topology, WindowStagePlan } from './topology.ts';
import { compileWindow, type WindowSpec } from './window/window-plan.ts';

/** Steps as they stand in a resource, in it or in one of its branches. */
type AnyStep = StepSpec | Omit<StepSpec, 'branch'>;

/** Where steps are being compiled. */
interface Place {
  /** Of the stage that they are part of. */
  readonly outlets: OutletPlan[];
  /** What ids of events that are made here begin with. */
  readonly origin: string;
}

interface Parts {
  readonly spec: Resource<'Pipeline'>['spec'];
  readonly readers: ReaderPlan[];
  readonly windows: WindowStagePlan[];
}

/** For good, as of a View. What is counted without a key is in one of its own. */
const WINDOW_PARTITIONS = 8;

/** Expressions were checked before. `topic`: what it reads. */
export function compileTopology({ metadata, spec }: Resource<'Pipeline'>, topic: Resource<'Topic'>): Topology {
  const parts: Parts = { spec, readers: [], windows: [] };
  const { readers, windows } = parts;
  const first = spec.steps.findIndex(({ filter }) => filter === undefined);
  const window = spec.steps[first]?.window;
  // Where the topic is keyed as the window is, all events of a key are in one partition already.
  if (window?.by !== undefined && window.by === topic.spec.key) {
    const filters = spec.steps.slice(0, first).flatMap(({ filter }) => filter ?? []);
    const origin = `${metadata.name}/${first}`;
    const stage = compileWindowStage(
      window,
      spec.steps.slice(first + 1),
      spec.to,
      origin,
      topic.spec.partitions,
      parts,
    );
    return { source: { kind: 'window', filters, window: stage }, windows, readers };
  }
  const outlets: OutletPlan[] = [];
  const flow = compileFlow(spec.steps, spec.to, { outlets, origin: metadata.name }, parts);
  return { source: { kind: 'flow', flow, outlets }, windows, readers };
}

function compileFlow(steps: readonly AnyStep[], sinks: readonly SinkSpec[], place: Place, parts: Parts): Flow {
  const made: Step[] = [];
  for (const [index, step] of steps.entries()) {
    if (step.window) {
      const partitions = step.window.by === undefined ? 1 : WINDOW_PARTITIONS;
      const origin = `${place.origin}/${index}`;
      const stage = compileWindowStage(step.window, steps.slice(index + 1), sinks, origin, partitions, parts);
      parts.windows.push(stage);
      return { steps: made, outlets: [place.outlets.push({ kind: 'window', window: stage.id }) - 1] };
    }
    const next = compileStep(step, index, place, parts);
    if (next) made.push(next);
  }
  return { steps: made, outlets: sinks.map(sink => place.outlets.push(planOf(sink, parts.readers)) - 1) };
}

function compileStep(step: AnyStep, index: number, place: Place, parts: Parts): Step | undefined {
  const { filter, map, flatMap } = step;
  if (filter !== undefined) return filterStep(filter);
  if (typeof map === 'string') return mapStep(map, place.origin);
  if (typeof flatMap === 'string') return flatMapStep(flatMap, place.origin);
  if ('branch' in step && step.branch) {
    const branches = step.branch.map(({ when, steps, to }, number) => {
      const origin = `${place.origin}/${index}.${number}`;
      return { when, flow: compileFlow(steps, to, { ...place, origin }, parts) };
    });
    return branchStep(branches);
  }
  return undefined;
}

/** What follows it works on its results. */
function compileWindowStage(
  window: WindowSpec,
  steps: readonly AnyStep[],
  sinks: readonly SinkSpec[],
  origin: string,
  partitions: number,
  parts: Parts,
): WindowStagePlan {
  const { time } = parts.spec;
  // Changes when it would count anything else: then it begins anew.
  const { emit: _, late, ...counted } = window;
  const definition = JSON.stringify([counted, time, partitions, origin]);
  const id = `window.${createHash('sha256').update(definition).digest('hex').slice(0, 12)}`;
  const outlets: OutletPlan[] = [];
  const flow = compileFlow(steps, sinks, { outlets, origin }, parts);
  return { id, plan: compileWindow(window, time), origin, partitions, late: late?.topic, flow, outlets };
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
