// A route that leads to a Topic, a Queue or a FanOut: the same targets as at the internal listener,
// with events as the route makes them.

import { envelopeOfRoute } from '../accept/envelope.ts';
import { createQueueTarget } from '../accept/queue-target.ts';
import { createTopicTarget } from '../accept/topic-target.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';
import type { Target } from '../exchange/target.ts';
import { createFanOutTarget } from '../fan-outs/fan-out-target.ts';
import { routeJobEndpoint } from '../jobs/job-links.ts';
import type { TargetSpec } from '../plan/plan-context.ts';
import type { RouteSite } from '../plan/route-site.ts';

/** Undefined when the route leads to something else. */
export function acceptingTarget(
  site: RouteSite,
  spec: TargetSpec,
  endpoints: EventEndpoints | undefined,
): Target | undefined {
  const { context, api, route, basePath } = site;
  const { resources } = context;
  const { namespace, name } = api.metadata;
  if (endpoints === undefined) return undefined;
  const envelope = envelopeOfRoute(
    route.event ?? {},
    spec.topic ?? spec.queue ?? spec.fanOut ?? '',
    basePath + route.match.path,
  );
  const topic = spec.topic === undefined ? undefined : resources.get('Topic', namespace, spec.topic);
  if (topic) return createTopicTarget(context, { endpoints, resource: topic, envelope });
  const fanOut = spec.fanOut === undefined ? undefined : resources.get('FanOut', namespace, spec.fanOut);
  if (fanOut && endpoints.fanOuts) {
    return createFanOutTarget(context, {
      endpoints,
      resource: fanOut,
      envelope,
      endpoint: routeJobEndpoint(namespace, name, basePath),
    });
  }
  const queue = spec.queue === undefined ? undefined : resources.get('Queue', namespace, spec.queue);
  if (queue === undefined) return undefined;
  return createQueueTarget(context, {
    endpoints,
    resource: queue,
    envelope,
    endpoint: routeJobEndpoint(namespace, name, basePath),
  });
}
