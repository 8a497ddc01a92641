// Answers the question that a browser asks before a request of another origin, for the route that
// the request itself would take.
import { TenfoldError } from '../../core/errors.ts';
import type { Step } from '../exchange/step.ts';
import type { Cors } from '../http/cors.ts';
import { fieldOf } from '../http/fields.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { Match, Plan, Route, RouteThere } from '../plan/plan.ts';

/** The methods that an answer may name. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'QUERY'];
const VARY = ['vary', 'origin, access-control-request-method, access-control-request-headers'];
const TOKEN_LIST = /^[a-z0-9!#$%&'*+.^_`|~, -]{0,4096}$/;

/**
 * The route that answers a preflight. It carries none of the headers, cookies or credentials of the
 * request that it asks for, so conditions of routes do not count. The first route that allows the
 * origin is taken. Undefined when the request is no preflight, or when no
 * route there has anything to say about other origins; then it is a request like any other.
 */
export function findPreflight(plan: Plan, head: RequestHead): Match | undefined {
  const asked = readPreflight(head);
  if (!asked) return undefined;
  const { origin, method } = asked;
  const chosen = choosePreflight(plan.candidates({ ...head, method }), origin);
  const cors = chosen?.route.cors;
  if (!chosen || !cors) return undefined;
  const methods = () => cors.spec.methods ?? methodsAt(plan, head);
  const route: Route = { ...chosen.route, target: 'preflight', steps: [answer(cors, origin, method, methods)] };
  return { ...chosen, route };
}

/** The origin of the page that asks, and the method that it wants to use. */
export function readPreflight({ method, fields }: RequestHead): { origin: string; method: string } | undefined {
  if (method !== 'OPTIONS') return undefined;
  const origin = fieldOf(fields, 'origin');
  const wanted = fieldOf(fields, 'access-control-request-method');
  return origin === undefined || wanted === undefined ? undefined : { origin, method: wanted };
}

/** Which of those that the wanted request may lead to answers for all. */
export function choosePreflight(candidates: readonly RouteThere[], origin: string): Match | undefined {
  const sharing = sharingOf(candidates);
  return sharing.find(({ route }) => route.cors?.allows(origin)) ?? sharing[0];
}

function methodsAt(plan: Plan, head: RequestHead): string[] {
  return METHODS.filter(method => sharingOf(plan.candidates({ ...head, method })).length > 0);
}

/** Behind a route that takes every request, and behind what an Api owns, no request gets. */
function sharingOf(candidates: readonly RouteThere[]): Match[] {
  const open = candidates.filter(({ barredBy }) => barredBy === undefined);
  const last = open.findIndex(({ route }) => route.condition === undefined && route.consumers === undefined);
  return (last === -1 ? open : open.slice(0, last + 1)).filter(({ route }) => route.cors);
}

function answer(cors: Cors, origin: string, method: string, methodsOf: () => readonly string[]): Step {
  return exchange => {
    exchange.response.addFields(...VARY);
    const refuse = (message: string) =>
      exchange.fail(new TenfoldError('forbidden', message, { reason: 'origin.refused' }));
    if (!cors.allows(origin)) return refuse('Pages of this origin may not call this API.');
    const methods = methodsOf();
    if (!methods.includes(method)) return refuse(`Pages of other origins may use ${methods.join(', ')} here.`);
    const asked = fieldOf(exchange.request.head.fields, 'access-control-request-headers')?.toLowerCase() ?? '';
    if (!TOKEN_LIST.test(asked)) return refuse('Access-Control-Request-Headers is not a list of header names.');
    const names = asked.split(',').map(name => name.trim());
    const allowed = cors.spec.headers;
    const denied = names.find(name => name !== '' && allowed?.includes(name) === false);
    if (denied !== undefined) return refuse(`Pages of other origins may not send ${denied} here.`);
    const headers = (allowed ?? names.filter(name => name !== '')).join(', ');
    exchange.respond(204, [
      ...cors.grant(origin),
      'access-control-allow-methods',
      methods.join(', '),
      ...(headers === '' ? [] : ['access-control-allow-headers', headers]),
      'access-control-max-age',
      String(Math.floor(cors.spec.maxAge / 1000)),
    ]);
  };
}
