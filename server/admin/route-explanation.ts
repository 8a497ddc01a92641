// Reads a request in question as the public listener would, and explains the decision of the plan.
import type { ExplainedRoute, ExplainRequest, Refusal, RouteExplanation } from '../../admin/explain-view.ts';
import type { Addresses } from '../../admin/platform-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { type RequestHead, readHead } from '../../gateway/http/request-head.ts';
import type { Plan } from '../../gateway/plan/plan.ts';
import { type Candidate, explainRoute } from '../../gateway/routing/explain.ts';
import { type Listeners, PUBLIC, publicAlone } from '../../resources/ownership/listeners.ts';
import { toRouteView } from './route-view.ts';

/** At the listener that the request names, by its own plan. */
export function explainAt(
  listeners: Listeners,
  planOf: (listener: string) => Plan,
  addresses: Addresses,
  request: ExplainRequest,
): RouteExplanation {
  const { listener = PUBLIC } = request;
  const names = listeners.all.map(({ name }) => name);
  if (!names.includes(listener))
    throw new TenfoldError('not-found', `There is no listener "${listener}". There are: ${names.join(', ')}.`);
  const address = listener === PUBLIC ? addresses.public : addresses.listeners?.[listener];
  return toExplanation(planOf(listener), address || 'http://localhost', request, listeners);
}

/** `address`: of the listener, for requests that name no host. */
export function toExplanation(
  plan: Plan,
  address: string,
  request: ExplainRequest,
  listeners: Listeners = publicAlone,
): RouteExplanation {
  const host = request.host ?? new URL(address).host;
  let head: RequestHead;
  try {
    head = readHead(toRaw(request, host), { trusted: false });
  } catch (error) {
    // The listener answers the same; there is no route to look for.
    if (!(error instanceof TenfoldError)) throw error;
    const { method, path } = request;
    return { request: { method, host, path, query: '' }, candidates: [], refusal: toRefusal(error, []) };
  }
  const { candidates, refusal } = explainRoute(plan, head, request.consumer);
  const { method, path, query } = head;
  return {
    request: { method, host: head.host, path, query },
    candidates: candidates.map(candidate => toExplainedRoute(candidate, listeners)),
    ...(refusal ? { refusal: toRefusal(refusal.error, refusal.allowed) } : {}),
  };
}

function toRaw({ method, path, headers }: ExplainRequest, host: string) {
  return {
    method,
    url: path,
    rawHeaders: ['host', host, ...headers.flat()],
    httpVersionMajor: 1,
    httpVersionMinor: 1,
  };
}

function toExplainedRoute({ route, params, verdict, checks, behind }: Candidate, listeners: Listeners): ExplainedRoute {
  return { ...toRouteView(route, listeners), verdict, checks, behind, params };
}

function toRefusal({ status, code, message }: TenfoldError, allowed: readonly string[]): Refusal {
  return { status, code, message, ...(allowed.length > 0 ? { allowed } : {}) };
}
