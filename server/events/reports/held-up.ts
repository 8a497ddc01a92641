// Says what holds up the calls of a consumer, as far as this process knows: the state of the
// Functions that it calls, what the target asks for, or limits.
import type { HeldUp } from '../../../admin/failure-view.ts';
import { causeText } from '../../../core/cause.ts';
import { counted } from '../../../core/units/counted.ts';
import { formatDuration } from '../../../core/units/duration.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { FunctionStatus } from '../../../drivers/function-host/function-host.ts';
import type { LimitsView } from '../../../gateway/plan/instruments.ts';
import { keyOfFunction } from '../../../gateway/upstream/guarded-function.ts';
import type { Resource } from '../../../resources/resource.ts';
import { NO_SHARE } from '../../../worker/dispatch/lanes/parties.ts';
import type { DispatcherView } from '../../../worker/dispatch/view.ts';
import type { ConsumerState } from '../../../worker/event-plane.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import type { PlanInForce } from '../../plan-in-force.ts';

/** The state of Functions, as this process knows it. */
export interface KnownFunctions {
  readonly inForce: Pick<PlanInForce, 'resources' | 'instruments'>;
  functions(): readonly FunctionStatus[];
}

/** A Function that a consumer calls. */
interface Called {
  readonly name: string;
  /** The number of the consumer's targets: each of its events goes to one of them. */
  readonly targets: number;
  /** Undefined where there is no such Function. */
  readonly spec: Resource<'Function'>['spec'] | undefined;
  readonly status: FunctionStatus | undefined;
  readonly breaker: string | undefined;
  readonly limits: LimitsView | undefined;
}

type Hold = Pick<HeldUp, 'by' | 'message' | 'isPartial'>;

/** The first hold of calls of these Functions; undefined where none is known. */
export type FunctionHolds = (namespace: string, names: readonly string[]) => HeldUp | undefined;

/** Looks at the Functions once, for any number of consumers. */
export function holdsNow(known: KnownFunctions): (state: ConsumerState) => HeldUp | undefined {
  const { resources } = known.inForce;
  const calledOf = calledNow(known);
  return ({ plan, runner }) => {
    const view = runner.running?.view;
    if (view === undefined || view.partitions.length === 0 || view.finished) return undefined;
    if (resources === undefined) return heldUpOf(view, plan, []);
    const { namespace } = plan.resource.metadata;
    const { names, targets } = functionsOf(plan);
    return heldUpOf(
      view,
      plan,
      names.map(name => calledOf(namespace, name, targets)),
    );
  };
}

/** As `holdsNow`, for Views and Pipelines: of these only the Functions that they call are known. */
export function functionHoldsNow(known: KnownFunctions): FunctionHolds {
  if (known.inForce.resources === undefined) return () => undefined;
  const calledOf = calledNow(known);
  return (namespace, names) => {
    const called = names.map(name => calledOf(namespace, name, 1));
    return firstHold(called, downOf) ?? firstHold(called, openOf) ?? firstHold(called, busyOf);
  };
}

function calledNow({ inForce, functions }: KnownFunctions) {
  const { instruments, resources } = inForce;
  const statuses = new Map(functions().map(each => [keyOfFunction(each.namespace, each.name), each]));
  return (namespace: string, name: string, targets: number): Called => {
    const key = keyOfFunction(namespace, name);
    return {
      name,
      targets,
      spec: resources?.get('Function', namespace, name)?.spec,
      status: statuses.get(key),
      breaker: instruments.breakers.get(key)?.value.state,
      limits: instruments.limits.get(key)?.value.view,
    };
  };
}

/** The Functions among its targets. */
function functionsOf({ role, resource }: ConsumerPlan): {
  readonly names: readonly string[];
  readonly targets: number;
} {
  if (role === 'callbacks') return { names: [], targets: 1 };
  if (resource.kind !== 'FanOut') {
    const all = [resource.spec.to].flat().filter(target => !('weight' in target && target.weight === 0));
    return { names: all.flatMap(target => target.function ?? []), targets: all.length };
  }
  const { split, worker, gather } = resource.spec;
  const ofSplit = typeof split === 'object' ? split.function : undefined;
  const name =
    role === 'splits'
      ? ofSplit
      : role === 'items'
        ? worker.function
        : role === 'gathers'
          ? gather?.function
          : undefined;
  return { names: name === undefined ? [] : [name], targets: 1 };
}

function heldUpOf(view: DispatcherView, { settings }: ConsumerPlan, called: readonly Called[]): HeldUp | undefined {
  const { flow, goesOnAt } = view;
  const isFlowing = flow === 'flowing';
  if (flow === 'paused' || flow === 'closed') return undefined;
  const hold =
    firstHold(called, downOf, isFlowing) ??
    (isFlowing ? undefined : restOf(view, called)) ??
    firstHold(called, busyOf, isFlowing) ??
    limitOf(view, settings);
  if (hold === undefined) return undefined;
  const isKnown = !isFlowing || hold.by === 'rate';
  if (goesOnAt === undefined || !isKnown) return hold;
  const until = toTimestamp(goesOnAt);
  return { ...hold, until, message: `${hold.message} The next call is at ${until}.` };
}

/** The hold of the first that has one. `isFlowing`: the consumer hands events on. */
function firstHold(
  called: readonly Called[],
  of: (each: Called) => Hold | undefined,
  isFlowing = false,
): Hold | undefined {
  for (const each of called) {
    const hold = of(each);
    if (hold === undefined) continue;
    const isPartial = isFlowing && each.targets > 1;
    return { ...hold, message: hold.message + amongText(each), ...(isPartial && { isPartial }) };
  }
  return undefined;
}

function amongText({ name, targets }: Called): string {
  return targets === 1 ? '' : ` Function ${name} is one of the ${targets} targets of the consumer.`;
}

/** Nothing of it can answer. */
function downOf({ name, spec, status }: Called): Hold | undefined {
  if (spec === undefined)
    return { by: 'missing', message: `Function ${name}, which the consumer calls, is not there.` };
  switch (status?.state) {
    case 'unavailable': {
      const why = status.lastError ?? 'It does not start.';
      return { by: 'unavailable', message: `Function ${name} is unavailable: ${sentence(why)}` };
    }
    case 'stopped':
      return { by: 'stopped', message: `Function ${name} is scaled to 0 replicas, so nothing answers.` };
    default:
      return undefined;
  }
}

/** Its target is left alone. */
function restOf({ flow, label, newestFailure }: DispatcherView, called: readonly Called[]): Hold {
  const why = newestFailure === undefined ? '.' : `: ${sentence(whyOf(newestFailure.error))}`;
  if (flow === 'failing')
    return {
      by: 'failing',
      message: `The target of the consumer, ${label}, is left alone for a moment, as calls failed${why}`,
    };
  const resting = firstHold(called, each => {
    const open = openOf(each);
    return open ?? ((each.limits?.pausedForMs ?? 0) > 0 ? askedOf(each.name, why) : undefined);
  });
  return (
    resting ?? { by: 'pause', message: `The target of the consumer, ${label}, takes no more calls for a moment${why}` }
  );
}

function openOf({ name, breaker }: Called): Hold | undefined {
  if (breaker !== 'open') return undefined;
  return { by: 'breaker', message: `The circuit breaker of function ${name} is open, as calls of it failed.` };
}

function askedOf(name: string, why: string): Hold {
  return { by: 'pause', message: `Function ${name} has asked by Retry-After to be left alone for a while${why}` };
}

/** Calls of it are made, and wait. */
function busyOf({ name, spec, status, limits }: Called): Hold | undefined {
  if ((limits?.pausedForMs ?? 0) > 0) return askedOf(name, '.');
  if (status?.state === 'asleep')
    return { by: 'asleep', message: `Function ${name} is asleep; the next call wakes it.` };
  if (status?.state === 'starting') {
    const starts = status.waking ? 'is being woken' : 'is starting';
    return { by: 'starting', message: `Function ${name} ${starts}; calls wait until its first instance answers.` };
  }
  const limited = limits?.waiting ?? 0;
  if (limited > 0)
    return {
      by: 'limits',
      message: `Function ${name} is at its limits${limitsText(spec)}: ${wait(limited)} for a turn.`,
    };
  const waiting = status?.waiting ?? 0;
  if (waiting > 0)
    return { by: 'instances', message: `All instances of function ${name} are busy: ${wait(waiting)} for one.` };
  return undefined;
}

function limitOf(view: DispatcherView, { concurrency, rate, share }: ConsumerPlan['settings']): Hold | undefined {
  const { limitedBy, heldBack } = view;
  if (limitedBy === 'concurrency')
    return {
      by: limitedBy,
      message: `The consumer makes as many calls at a time as it may (concurrency: ${concurrency}).`,
    };
  if (limitedBy === 'rate' && rate !== undefined)
    return { by: limitedBy, message: `The consumer has used up its rate for now (${rateText(rate)}).` };
  if (heldBack.length === 0) return undefined;
  const message = `${counted(heldBack.length, 'share')} of the consumer may have no further event in flight (share.max: ${share?.max}): ${namesText(heldBack)}.`;
  return { by: 'concurrency', message, ...(limitedBy !== 'share' && { isPartial: true }) };
}

const NAMED_SHARES = 3;
const LONGEST_NAME = 60;

function namesText(names: readonly string[]): string {
  const named = names.slice(0, NAMED_SHARES).map(nameOfShare);
  const others = names.length - named.length;
  return [...named, ...(others > 0 ? [counted(others, 'other')] : [])].join(', ');
}

function nameOfShare(name: string): string {
  if (name === NO_SHARE) return '(none)';
  return name.length > LONGEST_NAME ? `"${name.slice(0, LONGEST_NAME)}…"` : `"${name}"`;
}

function limitsText(spec: Called['spec']): string {
  const { concurrency, rate } = spec?.limits ?? {};
  const all = [
    ...(concurrency === undefined ? [] : [`concurrency: ${concurrency}`]),
    ...(rate === undefined ? [] : [rateText(rate)]),
  ];
  return all.length === 0 ? '' : ` (${all.join(', ')})`;
}

function rateText({ count, periodMs }: { readonly count: number; readonly periodMs: number }): string {
  return `rate: ${count}/${formatDuration(periodMs).replace(/^1(?=[a-z])/, '')}`;
}

function wait(calls: number): string {
  return `${counted(calls, 'call')} ${calls === 1 ? 'waits' : 'wait'}`;
}

function whyOf({ cause, status, message }: NonNullable<DispatcherView['newestFailure']>['error']): string {
  return cause ? causeText(cause) : `${status === undefined ? '' : `${status} `}${message}`;
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
