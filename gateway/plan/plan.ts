// The result of compiling resources: one immutable plan that says, for each request, which steps it
// takes.

import type { Exchange } from '../exchange/exchange.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { RouteFacts } from './route-facts.ts';

/** One thing done to a request, chosen at compile time. A step that has answered the request ends the list. */
export type Step = (
  exchange: Exchange,
  /** All steps of the route, and the place of this one among them: for steps that take the rest themselves. */
  steps: readonly Step[],
  index: number,
) => void | Promise<void>;

export interface Route extends RouteFacts {
  readonly steps: readonly Step[];
  /** The first step behind authentication; without it there is none. */
  readonly afterAuth?: number;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** For a route with `consumers`: the next route of the same Api that takes the request when `consumer` is none of them. */
  readonly next?: NextMatch | undefined;
}

/** A route that matches a request's path. */
export interface RouteThere extends Match {
  /** A route of an Api that owns the path and so keeps the request from this one; undefined when none does. */
  readonly barredBy: Route | undefined;
}

export type NextMatch = (consumer: string | undefined) => Match | undefined;

export interface Plan {
  readonly routes: readonly Route[];
  find(head: RequestHead): Match | undefined;
  /** Every route that host, method and path lead to, in the order in which their conditions are tried. */
  candidates(head: RequestHead): readonly RouteThere[];
  /** Methods that have a route for this host and path: tells 405 from 404. */
  allowedMethods(head: RequestHead): string[];
}
