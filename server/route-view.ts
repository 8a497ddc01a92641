// A route as people see it, without what only the gateway can use.
import type { RouteView } from '../admin/route-view.ts';
import { saysConsumers } from '../gateway/plan/explain.ts';
import type { Route } from '../gateway/plan/plan.ts';

export function toRouteView(route: Route): RouteView {
  const { kind, namespace, name, methods, host, path, condition, consumers, target } = route;
  const conditions = [...(condition?.says ?? []), ...(consumers ? [saysConsumers(consumers)] : [])];
  return { kind, namespace, name, methods, host, path, conditions, target };
}
