// The question to the admin API about the route of one request, and the answer.
import type { RouteView } from './route-view.ts';

export interface ExplainRequest {
  readonly method: string;
  /** The path with its query, as a client sends it. */
  readonly path: string;
  /** Without it that of the public listener's own address. */
  readonly host?: string | undefined;
  /** Name and value of each header field. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Name of the listener that it comes to; without it the public one. */
  readonly listener?: string | undefined;
  /** The consumer of the request; an anonymous one without it. */
  readonly consumer?: string | undefined;
}

export interface RouteCheck {
  /** e.g. `header x-client is "mobile"`. */
  readonly says: string;
  readonly holds: boolean;
}

export interface ExplainedRoute extends RouteView {
  readonly verdict: 'takes' | 'passed-over' | 'not-reached';
  readonly checks: readonly RouteCheck[];
  /**
   * The criterion by which it is less specific than the one before it; `order`: none. Absent for
   * the first.
   */
  readonly behind?: 'host' | 'path' | 'conditions' | 'order' | undefined;
  readonly params: Readonly<Record<string, string | undefined>>;
}

export interface Refusal {
  /** HTTP status, and the code of docs/reference/errors.md. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Methods that find a route there, where the method is wrong. */
  readonly allowed?: readonly string[];
}

export interface RouteExplanation {
  /** The request as the gateway reads it. */
  readonly request: { readonly method: string; readonly host: string; readonly path: string; readonly query: string };
  /** The routes in the order in which they are tried. */
  readonly candidates: readonly ExplainedRoute[];
  /** Further routes, in namespaces that the caller may not view; `take`: one of them takes it. */
  readonly hidden?: { readonly routes: number; readonly take: boolean };
  /** The answer for the client when no route takes the request. */
  readonly refusal?: Refusal;
}
