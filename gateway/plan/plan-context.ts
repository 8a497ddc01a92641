// The context that everything gets that a plan is compiled from: routes,
// targets, aggregates and facades.

import type { World } from '../../core/world.ts';
import type { Budgets } from '../../drivers/budgets/budgets.ts';
import type { FunctionHost } from '../../drivers/function-host/function-host.ts';
import type { Buckets } from '../../drivers/store/buckets.ts';
import type { Reuse } from '../../resources/kinds/calls/connections.ts';
import type { AnyResource, Finding } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { Target } from '../exchange/target.ts';
import type { GatewayLog } from '../gateway-log.ts';
import type { Transport } from '../transport/transport.ts';
import type { Instruments } from './instruments.ts';
import type { PlanState } from './plan-state.ts';

/**
 * Reads what a resource refers to as a Secret: entries by name. Undefined when there is none.
 * It is called again and again while requests are served, so it must be quick. It gives the same
 * object as long as nothing has changed, so the caller sees that.
 */
export type SecretReader = (namespace: string, name: string) => Readonly<Record<string, string>> | undefined;

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

/** As in resources, durations in milliseconds. */
export interface HealthCheckSettings {
  readonly path: string;
  readonly interval: number;
  readonly timeout: number;
  /** Failed checks in a row after which nothing is sent there. */
  readonly unhealthy: number;
  /** Good ones in a row after which it is again. */
  readonly healthy: number;
}

export interface PlanContext {
  readonly world: World;
  readonly host: FunctionHost;
  readonly transport: Transport;
  readonly secrets: SecretReader;
  readonly log: GatewayLog;
  /**
   * Budgets by which processes share the limits of functions; without it each has them for itself.
   */
  readonly budgets?: Budgets | undefined;
  /** Buckets in which gateways count rate limits together; without it each counts for itself. */
  readonly buckets?: Buckets | undefined;
  /**
   * Text of a file that a resource names, by its absolute path; throws.
   * Without it that of the disk.
   */
  readonly readText?: ((path: string) => string) | undefined;
  readonly resources: ResourceSet;
  readonly state: PlanState;
  /** Registry in which counting policies enter themselves. */
  readonly instruments: Instruments;
  /**
   * The target that `spec` names in `namespace`. References were checked before, so it is there.
   */
  target(namespace: string, spec: TargetSpec): Target;
  /** Reports what cannot be honoured; an error refuses the whole candidate. */
  report(severity: Finding['severity'], resource: AnyResource, path: Finding['path'], message: string): void;
}
