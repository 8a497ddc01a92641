// The parts of the process that a plan is compiled with, and the context in which that happens.
import type { Assignment } from '../../resources/ownership/assignments.ts';
import type { Listeners } from '../../resources/ownership/listeners.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import type { RouteSite } from '../plan/route-site.ts';
import type { EvidenceBoard } from '../strangler/evidence/peer-gateways.ts';
import type { SwitchStore } from '../strangler/phase/switches.ts';
import type { SyncStatus } from '../strangler/phase/sync-status.ts';

export interface Syncs {
  /** Undefined while nothing runs for the feature. */
  statusOf(namespace: string, strangler: string, feature: string): SyncStatus | undefined;
  /** A feature is in another phase now. */
  moved(): void;
}

/** The parts of the process that every compile gets. */
export interface PlanEnvironment
  extends Omit<PlanContext, 'resources' | 'state' | 'instruments' | 'target' | 'report'> {
  /**
   * Keeps where features of Stranglers stand other than their resources say. Without it that
   * lasts as long as the process.
   */
  readonly switches?: SwitchStore;
  /**
   * Board on which gateways share their evidence on features; without it each judges by its own
   * evidence.
   */
  readonly evidence?: EvidenceBoard | undefined;
  /**
   * Reports of the consumers that write changes back to legacy systems; without it nothing does.
   */
  readonly syncs?: Syncs | undefined;
  /** Hosts and paths that are for one namespace each. */
  readonly assignments?: readonly Assignment[] | undefined;
  /** Which routes each listener serves; without it there is the public one, for all. */
  readonly listeners?: Listeners | undefined;
  /** The endpoints of topics and queues; without it they take nothing. */
  readonly endpoints?: EventEndpoints | undefined;
}

export interface CompileContext extends PlanContext, PlanEnvironment {}

/** A route with the whole context, as it may lead to a topic or a queue. */
export interface CompiledSite extends RouteSite {
  readonly context: CompileContext;
}
