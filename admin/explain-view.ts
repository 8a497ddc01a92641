// What the admin API is asked, and answers, about the route of one request.
import type { RouteView } from './platform-view.ts';

export interface ExplainRequest {
  readonly method: string;
  /** With its query, as a client sends it. */
  readonly path: string;
  /** Without it that of the public listener's own address. */
  readonly host?: string | undefined;
  /** Name and value of each header field. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Who the request is found to come from; without it nobody. */
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
  /** In what it is less specific than the one before it; `order`: in nothing. Absent for the first. */
  readonly behind?: 'host' | 'path' | 'conditions' | 'order' | undefined;
  readonly params: Readonly<Record<string, string | undefined>>;
}

export interface Refusal {
  /** HTTP status, and the code of docs/reference/errors.md. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Methods that find a route there, where the method is what is wrong. */
  readonly allowed?: readonly string[];
}

export interface RouteExplanation {
  /** As the gateway reads it. */
  readonly request: { readonly method: string; readonly host: string; readonly path: string; readonly query: string };
  /** In the order in which they are tried. */
  readonly candidates: readonly ExplainedRoute[];
  /** What the client gets when no route takes the request. */
  readonly refusal?: Refusal;
}
