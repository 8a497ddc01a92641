// Divides the steps of a Pipeline into stages. A new stage begins where state must be kept, a
// function called, or events brought to another partition.
import { createHash } from 'node:crypto';
import type { Resource } from '../../resources/resource.ts';
import { dedupeStep, functionStep, joinStep } from './flow/asking-steps.ts';
import type { Flow, Step } from './flow/flow.ts';
import { branchStep, filterStep, flatMapStep, mapStep } from './flow/steps.ts';
import { compileJoin, type JoinTopicSpec } from './join/join-plan.ts';
import type {
  CallingStagePlan,
  JoinStagePlan,
  OtherPlan,
  OutletPlan,
  ReaderPlan,
  SinkSpec,
  StepSpec,
  Topology,
  WindowStagePlan,
} from './topology.ts';
import { compileWindow, type WindowSpec } from './window/window-plan.ts';

/** Steps as in a resource, in it or in one of its branches. */
type AnyStep = StepSpec | Omit<StepSpec, 'branch'>;

/** The place in the topology at which steps are compiled. */
interface Place {
  /** The outlets of the stage that the steps are part of. */
  readonly outlets: OutletPlan[];
  /** The beginning of the ids of events that are made here. */
  readonly origin: string;
  /** Name of the stage; undefined for the one that reads the Topic. */
  readonly stage: string | undefined;
  /** Whether it may call functions: with retries, and in another order than that of its source. */
  readonly calling: boolean;
  /** The Functions that steps of the stage call. */
  readonly calls: string[];
}

interface Parts {
  readonly spec: Resource<'Pipeline'>['spec'];
  readonly readers: ReaderPlan[];
  readonly windows: WindowStagePlan[];
  readonly joins: JoinStagePlan[];
  readonly others: OtherPlan[];
  readonly calling: CallingStagePlan[];
}

/**
 * The number is fixed for good, as that of a View. Events without a key have a partition of their
 * own.
 */
const WINDOW_PARTITIONS = 8;

/**
 * Expressions were checked before. `topic`: the source. `byKey`: each event is in the partition
 * that the key of the Topic says.
 */
export function compileTopology(
  { metadata, spec }: Resource<'Pipeline'>,
  topic: Resource<'Topic'>,
  byKey: boolean,
): Topology {
  const parts: Parts = { spec, readers: [], windows: [], joins: [], others: [], calling: [] };
  const { spec: _, ...stages } = parts;
  const first = spec.steps.findIndex(({ filter }) => filter === undefined);
  const window = spec.steps[first]?.window;
  // All events of a key are in one partition already where the topic has the key of the window.
  if (byKey && window?.by !== undefined && window.by === topic.spec.key) {
    const filters = spec.steps.slice(0, first).flatMap(({ filter }) => filter ?? []);
    const feeder = { stage: undefined, ordered: true };
    const init = { origin: `${metadata.name}/${first}`, partitions: topic.spec.partitions, feeder };
    const stage = compileWindowStage(window, spec.steps.slice(first + 1), spec.to, init, parts);
    return { source: { kind: 'window', filters, window: stage }, ...stages };
  }
  const outlets: OutletPlan[] = [];
  const place: Place = { outlets, origin: metadata.name, stage: undefined, calling: false, calls: [] };
  const flow = compileFlow(spec.steps, spec.to, place, parts);
  return { source: { kind: 'flow', flow, outlets }, ...stages };
}

function compileFlow(steps: readonly AnyStep[], sinks: readonly SinkSpec[], place: Place, parts: Parts): Flow {
  const made: Step[] = [];
  const endsAt = (outlet: OutletPlan): Flow => ({ steps: made, outlets: [place.outlets.push(outlet) - 1] });
  for (const [index, step] of steps.entries()) {
    const origin = `${place.origin}/${index}`;
    if (step.window) {
      const partitions = step.window.by === undefined ? 1 : WINDOW_PARTITIONS;
      const init = { origin, partitions, feeder: { stage: place.stage, ordered: !place.calling } };
      const stage = compileWindowStage(step.window, steps.slice(index + 1), sinks, init, parts);
      parts.windows.push(stage);
      return endsAt({ kind: 'window', window: stage.id });
    }
    if (step.joinTopic) {
      const feeder = { stage: place.stage, ordered: !place.calling };
      const stage = compileJoinStage(step.joinTopic, steps.slice(index + 1), sinks, { origin, feeder }, parts);
      return endsAt({ kind: 'join', join: stage.id, side: 0 });
    }
    if (callsFunction(step) && !place.calling) {
      return endsAt({ kind: 'internal', reader: compileCalling(steps.slice(index), sinks, origin, parts) });
    }
    const next = compileStep(step, origin, place, parts);
    if (next) made.push(next);
  }
  return {
    steps: made,
    outlets: sinks.map(sink => place.outlets.push(planOf(sink, parts.readers, !place.calling)) - 1),
  };
}

/** The stage that takes the steps, the first of which calls a function. */
function compileCalling(steps: readonly AnyStep[], sinks: readonly SinkSpec[], origin: string, parts: Parts): string {
  const id = `calling${parts.calling.length}`;
  const outlets: OutletPlan[] = [];
  // It takes its place before those of the steps behind it.
  const calls: string[] = [];
  const at = parts.calling.push({ id, calls, outlets, flow: { steps: [], outlets: [] } }) - 1;
  const flow = compileFlow(steps, sinks, { outlets, origin, stage: id, calling: true, calls }, parts);
  parts.calling[at] = { id, calls, outlets, flow };
  return id;
}

/**
 * `origin`: of the step. Values of expressions have the origin of the place, as each makes the
 * event anew.
 */
function compileStep(step: AnyStep, origin: string, place: Place, parts: Parts): Step | undefined {
  const { filter, map, flatMap, join, dedupe } = step;
  if (filter !== undefined) return filterStep(filter);
  if (typeof map === 'string') return mapStep(map, place.origin);
  if (typeof flatMap === 'string') return flatMapStep(flatMap, place.origin);
  const called = map ?? flatMap;
  if (called !== undefined) {
    place.calls.push(called.function);
    return functionStep(called.function, map === undefined, place.origin);
  }
  if (join) return joinStep(join, place.origin);
  if (dedupe) return dedupeStep(dedupe, `dedupe/${origin}`);
  if ('branch' in step && step.branch) {
    const branches = step.branch.map(({ when, steps, to }, number) => {
      return { when, flow: compileFlow(steps, to, { ...place, origin: `${origin}.${number}` }, parts) };
    });
    return branchStep(branches);
  }
  return undefined;
}

/** Perhaps one of its branches does. */
function callsFunction(step: AnyStep): boolean {
  if (typeof step.map === 'object' || typeof step.flatMap === 'object') return true;
  return 'branch' in step && (step.branch ?? []).some(({ steps }) => steps.some(callsFunction));
}

/** The steps after it work on its results. */
function compileWindowStage(
  window: WindowSpec,
  steps: readonly AnyStep[],
  sinks: readonly SinkSpec[],
  { origin, partitions, feeder }: Pick<WindowStagePlan, 'origin' | 'partitions' | 'feeder'>,
  parts: Parts,
): WindowStagePlan {
  const { time } = parts.spec;
  // The id changes when the window would count anything else: then it begins anew.
  const { emit: _, early: __, late, ...counted } = window;
  const idWith = (number: number) => `window.${printOf([counted, time, number, origin])}`;
  const id = idWith(partitions);
  const outlets: OutletPlan[] = [];
  const flow = compileFlow(steps, sinks, { outlets, origin, stage: id, calling: false, calls: [] }, parts);
  return {
    id,
    idWith,
    plan: compileWindow(window, time),
    origin,
    partitions,
    feeder,
    late: late?.topic,
    flow,
    outlets,
  };
}

/** The steps after it work on its results. A reader of the other Topic feeds all joins with it. */
function compileJoinStage(
  join: JoinTopicSpec,
  steps: readonly AnyStep[],
  sinks: readonly SinkSpec[],
  { origin, feeder }: Pick<JoinStagePlan, 'origin' | 'feeder'>,
  parts: Parts,
): JoinStagePlan {
  const { time } = parts.spec;
  const { late, ...joined } = join;
  const id = `join.${printOf([joined, time, origin])}`;
  const outlets: OutletPlan[] = [];
  const flow = compileFlow(steps, sinks, { outlets, origin, stage: id, calling: false, calls: [] }, parts);
  const other = `with.${join.topic}`;
  const outlet: OutletPlan = { kind: 'join', join: id, side: 1 };
  const known = parts.others.findIndex(each => each.id === other);
  const before = parts.others[known]?.outlets ?? [];
  const reader = { id: other, topic: join.topic, outlets: [...before, outlet] };
  parts.others.splice(known === -1 ? parts.others.length : known, 1, reader);
  const stage: JoinStagePlan = {
    ...{ id, origin, feeder, other, flow, outlets, late: late?.topic },
    plan: compileJoin(join, time),
    partitions: WINDOW_PARTITIONS,
  };
  parts.joins.push(stage);
  return stage;
}

function printOf(definition: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 12);
}

function planOf(
  { topic, queue, view, key, archive, postgres, ...target }: SinkSpec,
  readers: ReaderPlan[],
  ordered: boolean,
): OutletPlan {
  if (topic !== undefined) return { kind: 'topic', topic, key };
  if (queue !== undefined) return { kind: 'queue', queue, key };
  if (view !== undefined) return { kind: 'view', view };
  if (postgres) {
    const same = readers.filter(reader => reader.kind === 'table' && reader.table.table === postgres.table).length;
    // Events on their way reach no other table than the one they were meant for.
    const id = `table.${printOf([postgres.table, same])}`;
    readers.push({ kind: 'table', id, table: postgres, ordered });
    return { kind: 'internal', reader: id };
  }
  const kind = archive ? 'archive' : 'call';
  // The id stays as long as the order of the sinks does, so events on their way reach their old
  // sink.
  const id = `${kind}${readers.filter(reader => reader.kind === kind).length}`;
  readers.push(archive ? { kind: 'archive', id, archive, ordered } : { kind: 'call', id, target });
  return { kind: 'internal', reader: id };
}
