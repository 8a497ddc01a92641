// The target that a `to` names.
import { TenfoldError } from '../../core/errors.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { followersOfView } from '../../resources/views/followers-of-view.ts';
import { definitionOfView } from '../../resources/views/sources-of-view.ts';
import { envelopeOfEndpoint } from '../accept/envelope.ts';
import { createQueueTarget } from '../accept/queue-target.ts';
import { createTopicTarget } from '../accept/topic-target.ts';
import { createAggregateTarget } from '../aggregate/aggregate-target.ts';
import type { Call, Target } from '../exchange/target.ts';
import { createFanOutTarget } from '../fan-outs/fan-out-target.ts';
import { internalJobEndpoint } from '../jobs/job-links.ts';
import type { TargetSpec } from '../plan/plan-context.ts';
import { HealthCheck, withHealthCheck } from '../split/health-check.ts';
import { createFunctionTarget } from '../upstream/function-target.ts';
import { callTimesOf, guardFunction, limitsOf } from '../upstream/guarded-function.ts';
import { ownHeaders } from '../upstream/own-headers.ts';
import { RetryBudget } from '../upstream/policies/retry-budget.ts';
import { createUrlTarget } from '../upstream/url-target.ts';
import type { FollowedBy } from '../views/read-feed.ts';
import { createViewTarget } from '../views/view-target.ts';
import type { CompileContext } from './plan-environment.ts';

export function createTarget(context: CompileContext, namespace: string, spec: TargetSpec): Target {
  const { transport } = context;
  if (spec.function !== undefined) {
    const resource = context.resources.get('Function', namespace, spec.function);
    const headers = resource ? ownHeaders(context, resource) : [];
    const target = functionTarget(context, namespace, spec.function, headers);
    if (!resource) return target;
    const { url, healthCheck } = resource.spec;
    const well = checked(context, namespace, { url, healthCheck }, target, call =>
      callTimesOf(context, namespace, resource.metadata.name).refused(call),
    );
    return guardFunction(context, resource, well);
  }
  if (spec.url !== undefined)
    return checked(context, namespace, spec, createUrlTarget(transport, namespace, spec.url, spec.reuse));
  if (spec.aggregate !== undefined) return createAggregateTarget(context, namespace, spec.aggregate);
  if (spec.topic !== undefined) return createTopic(context, namespace, spec.topic);
  if (spec.queue !== undefined) return createQueue(context, namespace, spec.queue);
  if (spec.view !== undefined) return createView(context, namespace, spec.view);
  if (spec.fanOut !== undefined) return createFanOut(context, namespace, spec.fanOut);
  throw new TenfoldError('unsupported', `This version serves no target of the kind ${Object.keys(spec).join(', ')}.`);
}

function functionTarget(
  context: CompileContext,
  namespace: string,
  name: string,
  ownHeaders: readonly string[],
): Target {
  const { world, host, transport, state, instruments } = context;
  const key = `Function/${namespace}/${name}`;
  const budget = state.keep(`unsent/${key}`, () => new RetryBudget());
  const { pause } = limitsOf(context, namespace, name);
  const times = callTimesOf(context, namespace, name);
  const target = createFunctionTarget({ world, host, transport, namespace, name, ownHeaders, pause, budget, times });
  const owner = { kind: 'Function', namespace, name, route: '', target: target.label };
  instruments.retries.set(key, { owner, value: budget });
  return target;
}

/**
 * Behind its health checks, where it declares some: checks of one address are made once, for all
 * routes.
 */
function checked(
  context: CompileContext,
  namespace: string,
  { url, healthCheck }: TargetSpec,
  target: Target,
  refused?: (call: Call) => void,
): Target {
  if (url === undefined || healthCheck === undefined) return target;
  const { world, transport, log, state } = context;
  const { origin } = new URL(url);
  const check = state.keep(
    `health/${namespace} ${origin} ${JSON.stringify(healthCheck)}`,
    () => new HealthCheck({ world, log, settings: healthCheck, target: createUrlTarget(transport, namespace, origin) }),
  );
  return withHealthCheck(target, check, refused);
}

function createTopic(context: CompileContext, namespace: string, name: string): Target {
  const { endpoints, resources } = context;
  const resource = resources.get('Topic', namespace, name);
  if (resource === undefined || endpoints === undefined) return unavailable(`topic ${name}`);
  return createTopicTarget(context, { endpoints, resource, envelope: envelopeOfEndpoint(name, 'topics') });
}

function createQueue(context: CompileContext, namespace: string, name: string): Target {
  const { endpoints, resources } = context;
  const resource = resources.get('Queue', namespace, name);
  if (resource === undefined || endpoints === undefined) return unavailable(`queue ${name}`);
  const envelope = envelopeOfEndpoint(name, 'queues');
  return createQueueTarget(context, { endpoints, resource, envelope, endpoint: internalJobEndpoint(name) });
}

function createView(context: CompileContext, namespace: string, name: string): Target {
  const { world, endpoints, resources } = context;
  const resource = resources.get('View', namespace, name);
  if (resource === undefined || endpoints?.views === undefined || endpoints.directory === undefined)
    return unavailable(`view ${name}`);
  return createViewTarget({
    world,
    log: endpoints.log,
    store: endpoints.views,
    search: endpoints.search,
    resource,
    views: endpoints.directory,
    definition: definitionOfView(resource, resources),
    followedByOf: view => followedByOf(view, resources),
    answers: endpoints.answers,
    live: endpoints.live,
  });
}

function followedByOf(resource: Resource<'View'>, resources: ResourceSet): FollowedBy | undefined {
  const found = followersOfView(resource, resources);
  if (found === undefined || typeof found === 'string') return undefined;
  const { namespace, name } = found.view.metadata;
  return { namespace, view: name, byFollower: found.byFollower, followed: found.followed };
}

function createFanOut(context: CompileContext, namespace: string, name: string): Target {
  const { endpoints, resources } = context;
  const resource = resources.get('FanOut', namespace, name);
  if (resource === undefined || endpoints?.fanOuts === undefined) return unavailable(`fan-out ${name}`);
  const envelope = envelopeOfEndpoint(name, 'fan-outs');
  return createFanOutTarget(context, {
    endpoints,
    resource,
    envelope,
    endpoint: internalJobEndpoint(name, 'fan-outs'),
  });
}

/** There is no log where resources are only inspected. */
function unavailable(label: string): Target {
  return {
    label,
    send: call =>
      call.fail(
        new TenfoldError('unsupported', `This process has no event log, so the ${label} takes and answers nothing.`),
      ),
  };
}
