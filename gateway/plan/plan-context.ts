// The context that the compilers of routes, aggregates and facades share.

import type { World } from '../../core/world.ts';
import type { Budgets } from '../../drivers/budgets/budgets.ts';
import type { FunctionHost } from '../../drivers/function-host/function-host.ts';
import type { Buckets } from '../../drivers/store/buckets.ts';
import type { Reuse } from '../../resources/kinds/calls/connections.ts';
import type { Assignment } from '../../resources/ownership/assignments.ts';
import type { Listeners } from '../../resources/ownership/listeners.ts';
import type { AnyResource, Finding } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { EventEndpoints } from '../accept/event-endpoints.ts';
import type { Target } from '../exchange/target.ts';
import type { GatewayLog } from '../gateway-log.ts';
import type { HealthCheckSettings } from '../split/health-check.ts';
import type { EvidenceBoard } from '../strangler/evidence/peer-gateways.ts';
import type { SwitchStore } from '../strangler/phase/switches.ts';
import type { SyncStatus } from '../strangler/phase/sync-status.ts';
import type { Transport } from '../transport/transport.ts';
import type { Instruments } from './instruments.ts';
import type { PlanState } from './plan-state.ts';

/**
 * Reads what a resource refers to as a Secret: entries by name. Undefined when there is none.
 * Called again and again while requests are served, so it must be quick. As long as nothing has
 * changed it gives the same object, so the caller sees that.
 */
export type SecretReader = (namespace: string, name: string) => Readonly<Record<string, string>> | undefined;

export interface Syncs {
  /** Undefined while nothing runs for the feature. */
  statusOf(namespace: string, strangler: string, feature: string): SyncStatus | undefined;
  /** A feature is in another phase now. */
  moved(): void;
}

/** The parts of the process that every compile gets. */
export interface PlanEnvironment {
  readonly world: World;
  readonly host: FunctionHost;
  readonly transport: Transport;
  readonly secrets: SecretReader;
  /** Keeps where features of Stranglers stand other than their resources say. Without it that lasts as long as the process. */
  readonly switches?: SwitchStore;
  /**
   * Board on which gateways share their evidence on features; without it each judges by its own
   * evidence.
   */
  readonly evidence?: EvidenceBoard | undefined;
  readonly log: GatewayLog;
  /**
   * Reports of the consumers that write changes back to legacy systems; without it nothing does.
   */
  readonly syncs?: Syncs | undefined;
  /**
   * Budgets by which processes share the limits of functions; without it each has them for itself.
   */
  readonly budgets?: Budgets | undefined;
  /** Buckets in which gateways count rate limits together; without it each counts for itself. */
  readonly buckets?: Buckets | undefined;
  /** Text of a file that a resource names, by its absolute path; throws. Without it that of the disk. */
  readonly readText?: ((path: string) => string) | undefined;
  /** Hosts and paths that are for one namespace each. */
  readonly assignments?: readonly Assignment[] | undefined;
  /** Which routes each listener serves; without it there is the public one, for all. */
  readonly listeners?: Listeners | undefined;
  /** The endpoints of topics and queues; without it they take nothing. */
  readonly endpoints?: EventEndpoints | undefined;
}

/** Names one target, as in the `to` of every kind. */
export interface TargetSpec {
  readonly function?: string | undefined;
  readonly url?: string | undefined;
  readonly aggregate?: string | undefined;
  readonly queue?: string | undefined;
  readonly topic?: string | undefined;
  readonly view?: string | undefined;
  readonly fanOut?: string | undefined;
  /** For a member of a split: called only while no other target is in service. */
  readonly failover?: boolean | undefined;
  /** Of a url. */
  readonly reuse?: Reuse | undefined;
  readonly healthCheck?: HealthCheckSettings | undefined;
}

export interface PlanContext extends PlanEnvironment {
  readonly resources: ResourceSet;
  readonly state: PlanState;
  /** Registry in which counting policies enter themselves. */
  readonly instruments: Instruments;
  /** The target that `spec` names in `namespace`. References were checked before, so it is there. */
  target(namespace: string, spec: TargetSpec): Target;
  /** Reports what cannot be honoured; an error refuses the whole candidate. */
  report(severity: Finding['severity'], resource: AnyResource, path: Finding['path'], message: string): void;
}
