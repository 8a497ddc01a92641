// Facts about a route, without the steps that it takes.
import type { PathFolds } from '../../core/paths/path-spelling.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Cors } from '../http/cors.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { Upgrades } from '../http/upgrade-request.ts';

/** The conditions on a request besides host, method and path, and how specific they are. */
export interface Condition {
  /** Conditions that must hold: `header x-client is "mobile"`. */
  readonly says: readonly string[];
  holds(head: RequestHead): boolean;
  /** The same one by one, to explain which of them does not hold. */
  readonly parts: readonly ConditionPart[];
}

export interface ConditionPart {
  readonly says: string;
  holds(head: RequestHead): boolean;
}

/** A route as requests, metrics and logs know it, without what is done to a request. */
export interface RouteFacts {
  /** Kind, namespace and name of the resource that declares it. */
  readonly kind: 'Api' | 'Strangler';
  readonly namespace: string;
  readonly name: string;
  /**
   * Its name in metrics and logs, where the resource gives it one: that of an Api's route, or of a
   * feature.
   */
  readonly label?: string | undefined;
  /** Upper case; empty means any. */
  readonly methods: readonly string[];
  readonly host: string | undefined;
  /** As matched, base path included, e.g. `/shop/orders/:id`. */
  readonly path: string;
  /** Which spellings of the path it takes, too. Undefined: its letters alone. */
  readonly folds?: PathFolds | undefined;
  /**
   * The path follows from another one of the route, such as a `/*`; routes that name the path
   * themselves go first.
   */
  readonly implied?: boolean;
  /**
   * Group of routes that may fall through to each other: those of an Api and of its other versions
   * on the same base path, or those of a Strangler.
   */
  readonly family: string;
  /**
   * Which requests with its host and path are for its family alone, whatever their method and
   * version. Undefined: it owns none.
   */
  readonly owns?: ((head: RequestHead) => boolean) | undefined;
  /** Undefined: every request with this host, method and path. */
  readonly condition: Condition | undefined;
  /** For people, e.g. `function orders`. */
  readonly target: string;
  /**
   * Name of the target in errors for clients, where they must not know what it is. Without it
   * `target`.
   */
  readonly alias?: string;
  /** Until the answer must begin, milliseconds; it is counted anew while the client sends. */
  readonly timeoutMs: number;
  /** Share of the successful requests that are logged, 0 to 1. */
  readonly logSample: number;
  /** Protocols that a connection may be upgraded to; undefined: none. */
  readonly upgrades?: Upgrades | undefined;
  /** Rights of pages from other origins. */
  readonly cors?: Cors | undefined;
  /** The version that it belongs to. */
  readonly version?: Resource<'Api'>['spec']['version'];
  /** The only consumers that it is for; known only once a request is authenticated. */
  readonly consumers?: ReadonlySet<string> | undefined;
}
