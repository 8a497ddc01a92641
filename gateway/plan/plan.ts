// The result of compiling resources: one immutable plan that says, for each request, which steps it
// takes.

import type { RouteFacts } from '../exchange/route-facts.ts';
import type { Step } from '../exchange/step.ts';
import type { RequestHead } from '../http/request-head.ts';

export interface Route extends RouteFacts {
  readonly steps: readonly Step[];
  /** The first step behind authentication; without it there is none. */
  readonly afterAuth?: number;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string | undefined>>;
  /**
   * For a route with `consumers`: the next route of the same Api that takes the request when
   * `consumer` is none of them.
   */
  readonly next?: NextMatch | undefined;
}

/** A route that matches a request's path. */
export interface RouteThere extends Match {
  /**
   * A route of an Api that owns the path and so keeps the request from this one;
   * undefined when none does.
   */
  readonly barredBy: Route | undefined;
}

export type NextMatch = (consumer: string | undefined) => Match | undefined;

export interface Plan {
  readonly routes: readonly Route[];
  find(head: RequestHead): Match | undefined;
  /**
   * Every route that host, method and path lead to, in the order in which
   * their conditions are tried.
   */
  candidates(head: RequestHead): readonly RouteThere[];
  /** Methods that have a route for this host and path: tells 405 from 404. */
  allowedMethods(head: RequestHead): string[];
}
