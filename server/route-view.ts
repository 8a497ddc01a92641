// A route as people see it, without what only the gateway can use.
import type { RouteView } from '../admin/platform-view.ts';
import type { Route } from '../gateway/plan/plan.ts';

export function toRouteView({ kind, namespace, name, methods, host, path, condition, target }: Route): RouteView {
  return { kind, namespace, name, methods, host, path, conditions: condition?.says ?? [], target };
}
