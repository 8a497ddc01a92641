// A route as people see it, without what only the gateway can use.
import type { RouteView } from '../../admin/route-view.ts';
import type { Route } from '../../gateway/plan/plan.ts';
import { saysConsumers } from '../../gateway/routing/explain.ts';
import type { Listeners } from '../../resources/ownership/listeners.ts';
import { ANY_HOST } from '../../resources/ownership/territory.ts';

export function toRouteView(route: Route, listeners: Listeners): RouteView {
  const { kind, namespace, name, methods, host, path, condition, consumers, target } = route;
  const conditions = [...(condition?.says ?? []), ...(consumers ? [saysConsumers(consumers)] : [])];
  const names = listeners.at(host ?? ANY_HOST, namespace).map(({ name: listener }) => listener);
  return { kind, namespace, name, methods, host, path, conditions, target, listeners: names };
}
