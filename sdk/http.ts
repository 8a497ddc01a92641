// Declares an HTTP function: one handler, one handler with typed input, or several by route.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Context } from './context.ts';
import type { HttpInput, HttpRequest } from './http-request.ts';
import { DEFINITION, type Defined, type HttpDefinition, isDefined } from './kernel/definition.ts';
import type { AnyHandler } from './kernel/http-endpoint.ts';
import { createRouter, type Route } from './kernel/router.ts';
import type { BodyOf, Endpoint, TypedEndpoints } from './registry.ts';
import type { ParamsOf } from './route-types.ts';

/** A function that answers HTTP requests; `Endpoints` are the types its callers see. */
export interface HttpFunction<Endpoints = unknown> extends Defined<HttpDefinition>, TypedEndpoints<Endpoints> {}

// biome-ignore lint/complexity/noBannedTypes: the empty input is the one that asks for nothing
type RouteHandler<Route, Result> = (request: HttpRequest<{}, ParamsOf<Route>>, context: Context) => Result;

type BodyInput<Input> = Input extends { readonly body: infer Schema }
  ? Schema extends StandardSchemaV1
    ? StandardSchemaV1.InferInput<Schema>
    : unknown
  : unknown;

type RouteEndpoints<Results> = {
  [Route in keyof Results]: Results[Route] extends { readonly '*': infer Only }
    ? Only
    : Endpoint<unknown, BodyOf<Results[Route]>>;
};

/**
 * `export default http(async (request, context) => ({ hello: request.query.name }))`
 *
 * The returned value is the answer. An object becomes JSON, a string becomes text, and bytes and
 * streams are sent as they are. A standard `Response` or `reply(status, body, headers)` says
 * everything itself, and `undefined` is 204. A thrown error becomes a problem document:
 * `problem(404, …)` its own, anything else a 500 that says nothing about the error.
 */
export function http<Result>(
  handler: (request: HttpRequest, context: Context) => Result,
): HttpFunction<{ '*': Endpoint<unknown, BodyOf<Result>> }>;
/**
 * `http({ body: Order }, request => save(request.body))`: input that does not match its schema is
 * answered with 400 and all issues.
 */
export function http<const Input extends HttpInput, Result>(
  input: Input,
  handler: (request: HttpRequest<Input>, context: Context) => Result,
): HttpFunction<{ '*': Endpoint<BodyInput<Input>, BodyOf<Result>> }>;
/**
 * `http({ 'GET /orders/:id': request => find(request.params.id), 'POST /orders':
 * http({ body: Order }, …) })`
 *
 * Keys are a method (or `*`) and a path; `:name` takes one segment, `*name` at the end takes the
 * rest. A path that no route has is 404, a method that a path does not have 405. `HEAD` is answered
 * by `GET`, `OPTIONS` with the methods allowed.
 */
export function http<Results>(
  routes: {
    [R in keyof Results]: RouteHandler<R, Results[R]> | HttpFunction<Results[R]>;
  },
): HttpFunction<RouteEndpoints<Results>>;
export function http(first: AnyHandler | HttpInput | object, handler?: AnyHandler): HttpFunction {
  if (typeof first === 'function')
    return define({ kind: 'http', target: { handler: first as AnyHandler, input: undefined } });
  if (handler !== undefined) return define({ kind: 'http', target: { handler, input: first } });
  return define({ kind: 'http', target: createRouter(Object.entries(first).map(toRoute)) });
}

function toRoute([key, value]: [string, unknown]): Route {
  const match = /^([A-Z]+|\*) (\/.*)$/.exec(key);
  const [, method, path] = match ?? [];
  if (method === undefined || path === undefined) {
    throw new TypeError(
      `The route ${JSON.stringify(key)} is not valid: write a method and a path, such as 'GET /orders/:id'.`,
    );
  }
  if (typeof value === 'function')
    return { method, path, endpoint: { handler: value as AnyHandler, input: undefined } };
  const definition = isDefined(value) ? value[DEFINITION] : undefined;
  if (definition?.kind === 'http' && 'handler' in definition.target)
    return { method, path, endpoint: definition.target };
  throw new TypeError(`The route ${JSON.stringify(key)} needs a handler: a function, or http(input, handler).`);
}

function define(definition: HttpDefinition): HttpFunction {
  return { [DEFINITION]: definition };
}
