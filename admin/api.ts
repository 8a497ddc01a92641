// The shapes that the admin API answers with; the command line and the console read them.

import type { FunctionStatus } from '../drivers/function-host/function-host.ts';
import type { Origin, ResourceProblem } from '../resources/resource.ts';
import type { Condition } from './condition.ts';
import type { EndedCallCounts } from './diagnosis/call-report.ts';
import type { Addresses, Readiness } from './platform-view.ts';
import type { RouteView } from './route-view.ts';

export interface ResourceSummary {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly origin: Origin;
  /**
   * RFC 3339: when it was made in a cluster; elsewhere since when this process has one of that name
   * in force. Absent where nobody knows.
   */
  readonly since?: string;
  readonly conditions: readonly Condition[];
}

/** `conditions` has at most one: the condition that tells how the resource does. */
export type BriefResource = Omit<ResourceSummary, 'origin'>;

export interface ResourceDetail extends ResourceSummary {
  /** The document as written. */
  readonly manifest: unknown;
  /** The problems of it, or of the newest change to it. */
  readonly problems: readonly ResourceProblem[];
}

export interface FunctionDetail extends FunctionStatus {
  /** The place where it is declared; absent while no accepted resource declares it. */
  readonly origin?: Origin;
  /** The routes that lead to it. */
  readonly routes: readonly RouteView[];
  /** Absent where the process that answers has made no call of it. */
  readonly ended?: EndedCallCounts;
}

export interface PlatformInfo {
  readonly version: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly addresses: Addresses;
  readonly readiness: Readiness;
  /** Number of the snapshot in force, absent while none was ever valid. */
  readonly generation?: number;
  readonly counts: { readonly resources: number; readonly functions: number; readonly routes: number };
  readonly problems: { readonly errors: number; readonly warnings: number };
}

export interface List<T> {
  readonly items: readonly T[];
}

/** The last line of an answer that went wrong after it had begun. */
export interface FailedLine {
  readonly kind: 'failed';
  readonly code: string;
  readonly message: string;
  /** The line in the query, for SQL. */
  readonly line?: number;
  readonly column?: number;
}
