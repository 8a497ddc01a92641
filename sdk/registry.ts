// The names and types of an application's functions, topics, queues and views. `tenfold types`
// writes them into these interfaces.
import type { MatchingRoute } from './route-types.ts';

/**
 * Functions by name. Augmented by generated code:
 * `declare module 'tenfold' { interface Functions { orders: typeof
 * import('./orders.ts').default } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: declared to be augmented
export interface Functions {}
/** Type of an event's data by topic. */
// biome-ignore lint/suspicious/noEmptyInterface: declared to be augmented
export interface Topics {}
/** Type of a job's data by queue. */
// biome-ignore lint/suspicious/noEmptyInterface: declared to be augmented
export interface Queues {}
/** Type of a query's result by view. */
// biome-ignore lint/suspicious/noEmptyInterface: declared to be augmented
export interface Views {}

/** The registered names, or any string as long as none is registered. */
export type NameIn<Registry> = [keyof Registry] extends [never] ? string : keyof Registry & string;

export type TypeIn<Registry, Name> = Name extends keyof Registry ? Registry[Name] : unknown;

/** Request and response body of one route. */
export interface Endpoint<RequestBody = unknown, ResponseBody = unknown> {
  readonly request: RequestBody;
  readonly response: ResponseBody;
}

/** The types that an HTTP function carries for its callers; they have no value at run time. */
export interface TypedEndpoints<Endpoints> {
  readonly '~endpoints'?: Endpoints;
}

type EndpointsOf<Fn> =
  Fn extends TypedEndpoints<infer Endpoints>
    ? unknown extends Endpoints
      ? unknown
      : Endpoints
    : Fn extends (...args: never[]) => infer Result
      ? { '*': Endpoint<unknown, BodyOf<Result>> }
      : unknown;

type EndpointAt<Fn, Method extends string, Path extends string> =
  EndpointsOf<Fn> extends infer Endpoints
    ? MatchingRoute<Endpoints, Method, Path> extends infer Route
      ? [Route] extends [never]
        ? Endpoint
        : Route extends keyof Endpoints
          ? Endpoints[Route]
          : Endpoint
      : Endpoint
    : Endpoint;

/**
 * Body type of what function `Name` answers to `Method Path`; unknown when it is not registered.
 */
export type ResponseOf<Name, Method extends string, Path extends string> =
  EndpointAt<TypeIn<Functions, Name>, Method, Path> extends Endpoint<unknown, infer Body> ? Body : unknown;

/** Body type that function `Name` expects with `Method Path`; unknown when it is not registered. */
export type RequestOf<Name, Method extends string, Path extends string> =
  EndpointAt<TypeIn<Functions, Name>, Method, Path> extends Endpoint<infer Body> ? Body : unknown;

/** The form of a value after JSON: dates are strings, functions and undefined members are gone. */
export type Serialized<Value> = Value extends { toJSON(): infer Json }
  ? Serialized<Json>
  : Value extends string | number | boolean | null | undefined
    ? Value
    : Value extends (...args: never[]) => unknown
      ? never
      : Value extends readonly unknown[]
        ? { [Index in keyof Value]: Serialized<Value[Index]> }
        : Value extends object
          ? { [Key in keyof Value as Key extends symbol ? never : Key]: Serialized<Value[Key]> }
          : Value;

type Streamed = Uint8Array | AsyncIterable<unknown> | Response;

/** Body type that a caller gets when a handler returns `Result`. */
export type BodyOf<Result> =
  Awaited<Result> extends infer Value
    ? Value extends { readonly status: number; readonly body: infer Body; readonly headers: unknown }
      ? Value extends Response
        ? unknown
        : Body extends Streamed
          ? unknown
          : Serialized<Body>
      : Value extends Streamed
        ? unknown
        : Value extends void
          ? undefined
          : Serialized<Value>
    : never;
