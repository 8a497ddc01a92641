// Warnings for changes of windows and joins of Topics after which they begin anew: what is open is
// dropped. `validate` compares files with other files, and `apply` with a cluster.
import { problemAt } from '../references/check.ts';
import { type Resource, type ResourceProblem, resourceKey } from '../resource.ts';

type Pipeline = Resource<'Pipeline'>;
type Step = Omit<Pipeline['spec']['steps'][number], 'branch'> &
  Partial<Pick<Pipeline['spec']['steps'][number], 'branch'>>;
type Path = readonly (string | number)[];

/** A step that keeps what is open, with all that makes it the same as before. */
interface OpenStep {
  readonly field: 'window' | 'joinTopic';
  readonly path: Path;
  /** Its place among the steps. */
  readonly place: string;
  /** Members by name, such as `aggregate`, as JSON. */
  readonly members: ReadonlyMap<string, string>;
}

/** These change nothing of what is counted or joined. */
const FREE = { window: ['emit', 'early', 'late'], joinTopic: ['late'] } as const;
const DROPPED = {
  window: 'Windows that are open are dropped, and give no result.',
  joinTopic: 'Events that wait for one of the other Topic are forgotten.',
} as const;

export interface WindowChanges {
  /** The Pipelines that there are. */
  readonly before: readonly Pipeline[];
  /** The Pipelines that are to take their place. */
  readonly after: readonly Pipeline[];
}

export function windowChangeProblems({ before, after }: WindowChanges): ResourceProblem[] {
  const known = new Map(before.map(pipeline => [keyOf(pipeline), pipeline]));
  return after.flatMap(pipeline => {
    const old = known.get(keyOf(pipeline));
    return old ? problemsOf(pipeline, openStepsOf(old), openStepsOf(pipeline)) : [];
  });
}

/** Whether the Pipeline has a step that keeps what is open. */
export function keepsOpen(pipeline: Pipeline): boolean {
  return openStepsOf(pipeline).length > 0;
}

function problemsOf(pipeline: Pipeline, before: readonly OpenStep[], after: readonly OpenStep[]): ResourceProblem[] {
  const lost = without(before, after);
  return without(after, before).flatMap(step => {
    const same = lost.filter(({ field }) => field === step.field);
    const old = same.find(({ place }) => place === step.place) ?? same[0];
    if (old === undefined) return [];
    const what = step.field === 'window' ? 'window' : 'join';
    const changed = changedIn(old, step).join(', ');
    const free = FREE[step.field].map(name => `"${name}"`).join(', ');
    const message = `The ${what} of the Pipeline "${pipeline.metadata.name}" begins anew where the Pipeline stands, as it is another one than before (${changed}). ${DROPPED[step.field]} To lose none, let a Pipeline of another name count beside it until they are over. Only ${free} may change without that.`;
    return [problemAt(pipeline, step.path, { severity: 'warning', part: 'key', message })];
  });
}

/** Steps of which the others have no like. */
function without(steps: readonly OpenStep[], others: readonly OpenStep[]): OpenStep[] {
  const there = new Set(others.map(printOf));
  return steps.filter(step => !there.has(printOf(step)));
}

function printOf({ field, place, members }: OpenStep): string {
  return JSON.stringify([field, place, [...members]]);
}

function changedIn(old: OpenStep, step: OpenStep): string[] {
  const names = new Set([...old.members.keys(), ...step.members.keys()]);
  const changed = [...names].filter(name => old.members.get(name) !== step.members.get(name));
  return old.place === step.place ? changed : [...changed, 'its place among the steps'];
}

function openStepsOf({ spec }: Pipeline): OpenStep[] {
  const time = Object.entries(spec.time).map(([name, value]) => [`time.${name}`, JSON.stringify(value)] as const);
  const found: OpenStep[] = [];
  const add = (field: OpenStep['field'], step: object, path: Path, place: string) => {
    const free: readonly string[] = FREE[field];
    const own = Object.entries(step).filter(([name]) => !free.includes(name));
    const members = new Map([...own.map(([name, value]) => [name, JSON.stringify(value)] as const), ...time]);
    found.push({ field, path: [...path, field], place, members });
  };
  const visit = (steps: readonly Step[], path: Path, origin: string, calling: boolean): void => {
    // The place of a step counts from the first one that calls a function.
    let [from, begin, calls] = [0, origin, calling];
    for (const [index, step] of steps.entries()) {
      if (!calls && callsFunction(step)) [from, begin, calls] = [index, `${begin}/${index - from}`, true];
      const place = `${begin}/${index - from}`;
      const at = [...path, index];
      if (step.window) add('window', step.window, at, place);
      if (step.joinTopic) add('joinTopic', step.joinTopic, at, place);
      for (const [number, branch] of (step.branch ?? []).entries())
        visit(branch.steps, [...at, 'branch', number, 'steps'], `${place}.${number}`, calls);
    }
  };
  visit(spec.steps, ['spec', 'steps'], '', false);
  return found;
}

function callsFunction({ map, flatMap, branch }: Step): boolean {
  if (typeof map === 'object' || typeof flatMap === 'object') return true;
  return (branch ?? []).some(({ steps }) => steps.some(callsFunction));
}

function keyOf({ kind, metadata }: Pipeline): string {
  return resourceKey(kind, metadata.namespace, metadata.name);
}
