// The parts of a platform that consumers of events use: its storage, its secrets, and the
// targets of the plan in force.
import type { CallerKind } from '../../core/caller-kind.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { PlanEnvironment } from '../../gateway/compile/plan-environment.ts';
import { isLimited } from '../../gateway/upstream/guarded-function.ts';
import { createUrlTarget } from '../../gateway/upstream/url-target.ts';
import { createResourceSet, type ResourceSet } from '../../resources/resource-set.ts';
import type { Caller } from '../../worker/deliver/caller.ts';
import {
  type CallableTarget,
  type ConsumerDeps,
  createCallbackConsumer,
  createConsumer,
  createSyncConsumer,
} from '../../worker/deliver/create-consumer.ts';
import type { ConsumerHandlers } from '../../worker/event-plane.ts';
import { createFanOutConsumer } from '../../worker/fan-outs/create-fan-out-consumer.ts';
import type { ConsumerPlan } from '../../worker/plan/topic-plan.ts';
import type { PlanInForce } from '../plan-in-force.ts';
import type { Storage } from '../storage/open-storage.ts';
import { createCaller } from './callers.ts';
import { openTableBy } from './open-database.ts';
import type { RunEventsOptions } from './running-events.ts';

const NONE = createResourceSet([]);

export function resourcesOf(inForce: PlanInForce): ResourceSet {
  return inForce.resources ?? NONE;
}

export function consumerDepsOf(
  { world, keys, shared, inForce, callbacks, environment, checkAddress }: RunEventsOptions,
  storage: Storage,
  problem: ConsumerDeps['problem'],
): ConsumerDeps {
  return {
    world,
    log: storage.log,
    store: storage.store,
    blobs: storage.blobs,
    incarnation: shared.incarnation,
    signals: shared.signals,
    reminders: shared.reminders,
    resources: () => resourcesOf(inForce),
    callerOf: (namespace, target, by) => callerOf({ world, inForce, keys }, namespace, target, by),
    strangerOf: (namespace, origin) => strangerOf(world, callbacks, namespace, origin),
    secrets: environment.secrets,
    openTable: openTableBy({ environment, checkAddress }),
    problem,
  };
}

export function consumerFor({ role, resource, sync, settings }: ConsumerPlan, deps: ConsumerDeps): ConsumerHandlers {
  if (resource.kind === 'FanOut') return createFanOutConsumer(role, resource, deps);
  if (role === 'callbacks' && resource.kind === 'Queue') return createCallbackConsumer(resource, deps);
  if (sync === undefined || resource.kind !== 'Subscription') return createConsumer(resource, deps);
  return createSyncConsumer(resource, { group: settings.group, origin: sync.origin }, deps);
}

function strangerOf(
  world: RunEventsOptions['world'],
  callbacks: PlanEnvironment['transport'],
  namespace: string,
  origin: string,
): Caller {
  const target = createUrlTarget(callbacks, namespace, origin);
  return createCaller(world, { label: target.label, target: () => target, timeoutMs: () => undefined });
}

function callerOf(
  { world, inForce, keys }: Pick<RunEventsOptions, 'world' | 'inForce' | 'keys'>,
  namespace: string,
  target: CallableTarget,
  by: CallerKind,
): Caller {
  const { function: name, url, aggregate } = target;
  if (name !== undefined) {
    const spec = () => inForce.resources?.get('Function', namespace, name)?.spec;
    return createCaller(world, {
      by,
      causeKey: () => keys.causeKeyFor(namespace),
      label: `function ${name}`,
      target: () => inForce.functionTarget(namespace, name),
      timeoutMs: () => spec()?.timeout,
      waitMs: called => {
        const limits = spec()?.limits;
        // It rests, too, while it asks for a pause.
        const mayWait = limits && (isLimited(limits) || (called.restsForMs?.() ?? 0) > 0);
        return mayWait ? limits.maxWait : 0;
      },
    });
  }
  if (url === undefined && aggregate === undefined) {
    throw new TenfoldError('unsupported', `Events cannot be led to ${Object.keys(target).join(', ')}.`);
  }
  return createCaller(world, {
    by,
    label: url === undefined ? `aggregate ${aggregate}` : `url ${new URL(url).host}`,
    target: () => inForce.deliveryTarget(namespace, target),
    timeoutMs: () =>
      aggregate === undefined ? undefined : inForce.resources?.get('Aggregate', namespace, aggregate)?.spec.timeout,
  });
}
