// What resources compile to: one immutable plan that says, for each request, which steps it takes.
import type { AnyResource } from '../../resources/resource.ts';
import type { Exchange } from '../exchange/exchange.ts';

/** One thing done to a request, chosen at compile time. A step that has answered the request ends the list. */
export type Step = (exchange: Exchange) => void | Promise<void>;

export interface Route {
  /** Kind, namespace and name of the resource that declares it. */
  readonly kind: 'Api' | 'Strangler';
  readonly namespace: string;
  readonly name: string;
  /** Upper case; empty means any. */
  readonly methods: readonly string[];
  readonly host: string | undefined;
  /** As matched, base path included, e.g. `/shop/orders/:id`. */
  readonly path: string;
  /** Leading part of the path that upstreams do not see. */
  readonly basePath: string;
  /** For people, e.g. `function orders`. */
  readonly target: string;
  /** From the first byte of the request to the last of the answer, milliseconds. */
  readonly timeoutMs: number;
  readonly steps: readonly Step[];
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string | undefined>>;
}

export interface Plan {
  readonly routes: readonly Route[];
  find(method: string, host: string, path: string): Match | undefined;
  /** Methods that have a route for this host and path: tells 405 from 404. */
  allowedMethods(host: string, path: string): string[];
}

/** Something in a resource that the gateway cannot honour. */
export interface PlanProblem {
  readonly severity: 'error' | 'warning';
  readonly resource: AnyResource;
  /** Members and indexes from the document's root, e.g. `['spec', 'routes', 2, 'to']`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}
