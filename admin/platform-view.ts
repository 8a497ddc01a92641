// The view of a running platform that the admin API needs; the process that composes the platform
// hands it over.

import type { FunctionStatus, FunctionVersion } from '../drivers/function-host/function-host.ts';
import type { RequestsReport } from '../gateway/plan/requests-report.ts';
import type { Phase } from '../gateway/strangler/phase/phase-state.ts';
import type { FeatureReport, StandingReport, StranglerReport } from '../gateway/strangler/report.ts';
import type { Catalog } from '../resources/catalog/catalog.ts';
import type { Origin } from '../resources/resource.ts';
import type { AskControl } from './asking/ask-view.ts';
import type { AuditControl } from './audit-view.ts';
import type { BackupControl } from './backup-view.ts';
import type { Condition } from './condition.ts';
import type { CallReport } from './diagnosis/call-report.ts';
import type { EventControl } from './event-view.ts';
import type { ExplainRequest, RouteExplanation } from './explain-view.ts';
import type { RequestCount } from './graph/graph-view.ts';
import type { ObjectControl } from './object-view.ts';
import type { PolicyControl } from './policy-view.ts';
import type { RouteView } from './route-view.ts';
import type { ProcessReport, SettingsControl } from './settings/settings-view.ts';
import type { SqlControl } from './sql-view.ts';

/** Empty where the process has no such port. */
export interface OwnAddresses {
  /** Address of the public listener, e.g. `http://127.0.0.1:8080`. */
  readonly public: string;
  readonly internal: string;
  readonly admin: string;
}

export interface Addresses extends OwnAddresses {
  /**
   * Addresses of listeners that serve some namespaces only, by their names. Left
   * out where there are none.
   */
  readonly listeners?: Readonly<Record<string, string>>;
}

export interface Readiness {
  readonly ready: boolean;
  /** The reasons why it is not ready, one sentence each. */
  readonly reasons: readonly string[];
}

/** How a feature of a Strangler is to move. */
export type FeatureMove = { readonly reason: string } & (
  | { readonly action: 'back-out' }
  /**
   * `force`: also while legacy has not got every change. `to`: the step that was meant; another one
   * is refused.
   */
  | { readonly action: 'promote'; readonly force: boolean; readonly to?: StandingReport | undefined }
  /** `percent` is for the phase canary; without it the share that the resource declares. */
  | { readonly action: 'set'; readonly phase: Phase; readonly percent?: number | undefined; readonly force: boolean }
);

/**
 * Throws `not-found` for names that are none, `conflict` for moves that make no sense,
 * `store-unavailable` for one that cannot be kept.
 */
export interface StranglerControl {
  list(): readonly StranglerReport[];
  get(namespace: string, name: string): StranglerReport;
  move(namespace: string, name: string, feature: string, move: FeatureMove): Promise<FeatureReport>;
}

/** The requests that one process has answered, since it started. */
export interface AggregateRequests extends RequestsReport {
  readonly process: Pick<ProcessReport, 'host' | 'role' | 'startedAt'>;
}

export interface AggregateControl {
  /** `limit`: the most that it lists of the newest. Throws `not-found`. */
  requests(namespace: string, name: string, limit: number): AggregateRequests;
}

/** The status of an object of a cluster. */
export interface ClusterStatus {
  readonly conditions: readonly Condition[];
  /** Instances of a Function. */
  readonly replicas?: number | undefined;
  /** Versions of a Function that answer, the newest first. */
  readonly versions?: readonly FunctionVersion[] | undefined;
  /** RFC 3339. */
  readonly createdAt?: string | undefined;
}

/**
 * An object of a cluster of which no version is in force: its newest is not valid, or not validated
 * yet.
 */
export interface NotInForce {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly origin: Origin;
  readonly manifest: unknown;
}

export interface PlatformView {
  readonly version: string;
  readonly startedAt: number;
  readonly catalog: Pick<Catalog, 'current' | 'problems'>;
  addresses(): Addresses;
  readiness(): Readiness;
  /**
   * Why the disk cannot be used that the platform keeps everything on; empty when it
   * can, or where it has none.
   */
  disk(): readonly string[];
  /** Why the last scheduled back-up was not made; undefined where it was, or none is scheduled. */
  backupTrouble?(): string | undefined;
  /** Why some callers of the admin API are let in no longer; empty when all is well. */
  callerTroubles(): readonly string[];
  functions(): readonly FunctionStatus[];
  /** Calls of Functions that this process has made. */
  calls(): readonly CallReport[];
  /** Only in a cluster; undefined for an object without a status. */
  statusOf?(kind: string, namespace: string, name: string): ClusterStatus | undefined;
  /**
   * RFC 3339: when it was made in a cluster; elsewhere since when this process has one of that name
   * in force. Undefined where neither is known.
   */
  since?(kind: string, namespace: string, name: string): string | undefined;
  /**
   * The same value while `since` and `statusOf` tell the same of all resources. Without it, they
   * are asked for each.
   */
  standing?(): unknown;
  /** Only in a cluster: elsewhere "problems" list resources that are not in force. */
  notInForce?(): readonly NotInForce[];
  routes(): readonly RouteView[];
  /** The requests that this process has answered, by listener and resource, since it started. */
  requests(): readonly RequestCount[];
  /** Throws `not-ready` while there are no routes to look at. */
  explain(request: ExplainRequest): RouteExplanation;
  readonly aggregates: AggregateControl;
  readonly stranglers: StranglerControl;
  readonly policies: PolicyControl;
  readonly events: EventControl;
  readonly sql: SqlControl;
  readonly asks: AskControl;
  readonly objects: ObjectControl;
  readonly backup: BackupControl;
  readonly audit: AuditControl;
  readonly settings: SettingsControl;
  /** Prometheus text format. */
  metrics(): Promise<string>;
  /** The same in the format of OpenMetrics, with exemplars. */
  openMetrics(): Promise<string>;
}
