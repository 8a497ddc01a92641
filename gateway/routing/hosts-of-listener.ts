// Keeps a listener to its hosts: a request for any other finds no route
// there, whatever the routes say.
import { type AllowedRoutes, servesRequest } from '../../resources/ownership/listeners.ts';
import type { Plan } from '../plan/plan.ts';

export function onHostsOf(listener: AllowedRoutes, plan: Plan): Plan {
  if (listener.hosts === undefined) return plan;
  return {
    routes: plan.routes,
    find: head => (servesRequest(listener, head.host) ? plan.find(head) : undefined),
    candidates: head => (servesRequest(listener, head.host) ? plan.candidates(head) : []),
    allowedMethods: head => (servesRequest(listener, head.host) ? plan.allowedMethods(head) : []),
  };
}
