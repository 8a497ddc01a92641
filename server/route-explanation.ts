// Reads a request in question as the public listener would, and explains the decision of the plan.
import type { ExplainedRoute, ExplainRequest, Refusal, RouteExplanation } from '../admin/explain-view.ts';
import { TenfoldError } from '../core/errors.ts';
import { type RequestHead, readHead } from '../gateway/http/request-head.ts';
import { type Candidate, explainRoute } from '../gateway/plan/explain.ts';
import type { Plan } from '../gateway/plan/plan.ts';
import { toRouteView } from './route-view.ts';

/** `address`: of the public listener, for requests that name no host. */
export function toExplanation(plan: Plan, address: string, request: ExplainRequest): RouteExplanation {
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
    candidates: candidates.map(toExplainedRoute),
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

function toExplainedRoute({ route, params, verdict, checks, behind }: Candidate): ExplainedRoute {
  return { ...toRouteView(route), verdict, checks, behind, params };
}

function toRefusal({ status, code, message }: TenfoldError, allowed: readonly string[]): Refusal {
  return { status, code, message, ...(allowed.length > 0 ? { allowed } : {}) };
}
