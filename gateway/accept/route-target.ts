// A route that leads to a Topic: the same target as at the internal door, with events as the route makes them.
import type { TargetSpec } from '../plan/plan-context.ts';
import type { RouteSite } from '../plan/route-site.ts';
import type { Target } from '../target/target.ts';
import { envelopeOfRoute } from './envelope.ts';
import { createTopicTarget } from './topic-target.ts';

/** Undefined when the route leads to something else. */
export function acceptingTarget(site: RouteSite, spec: TargetSpec): Target | undefined {
  const { context, api, route, basePath } = site;
  const { doors } = context;
  const { namespace } = api.metadata;
  if (doors === undefined || spec.topic === undefined) return undefined;
  const resource = context.resources.get('Topic', namespace, spec.topic);
  if (resource === undefined) return undefined;
  const envelope = envelopeOfRoute(route.event ?? {}, spec.topic, basePath + route.match.path);
  return createTopicTarget(context, { doors, resource, envelope });
}
