// The event plane of a platform: what it needs, and how the other parts see it.
import type { EventControl } from '../../admin/event-view.ts';
import type { Tracer } from '../../core/tracing/tracer.ts';
import type { World } from '../../core/world.ts';
import type { FunctionStatus } from '../../drivers/function-host/function-host.ts';
import type { PlanEnvironment, Syncs } from '../../gateway/compile/plan-environment.ts';
import type { CauseKeys } from '../../gateway/listeners/caller-keys.ts';
import type { AddressCheck } from '../../gateway/transport/address-policy.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { ConsumerState, EventPlane } from '../../worker/event-plane.ts';
import type { EventPlan } from '../../worker/plan/event-plan.ts';
import type { RunningSource } from '../../worker/sources/source-runner.ts';
import type { BucketReport } from '../metrics/bucket-metrics.ts';
import type { PlanInForce } from '../plan-in-force.ts';
import type { Shared } from '../shared/shared.ts';
import type { Storage } from '../storage/open-storage.ts';
import type { StageReports } from './reports/stage-reports.ts';
import type { ScheduleCounts } from './schedules/schedule-counts.ts';

export interface RunEventsOptions {
  readonly world: World;
  readonly keys: CauseKeys;
  /** Undefined where nothing can be kept. */
  readonly storage: Storage | undefined;
  /** The folder in which storage would be. */
  readonly folder?: string | undefined;
  readonly shared: Pick<Shared, 'signals' | 'viewSignals' | 'incarnation' | 'reminders' | 'desiredVersions'>;
  readonly environment: Pick<PlanEnvironment, 'log' | 'secrets' | 'transport' | 'budgets'>;
  readonly callbacks: PlanEnvironment['transport'];
  /** For the databases that sources read. */
  readonly checkAddress: AddressCheck;
  /**
   * Whether this process takes events. One that does not only sees to it that topics
   * are there to be appended to.
   */
  readonly works: boolean;
  /** Resources are those of a cluster. */
  readonly cluster: boolean;
  readonly inForce: PlanInForce;
  /** How Functions do here. */
  functions(): readonly FunctionStatus[];
  /** Undefined where no spans are recorded. */
  readonly tracer?: Tracer | undefined;
}

export interface RunningEvents extends Pick<EventPlane, 'apply' | 'settled' | 'close'> {
  compile(candidate: ResourceSet): EventPlan;
  /** Reads what an earlier process has left to do; before the first plan. */
  load(): Promise<void>;
  readonly consumers: readonly ConsumerState[];
  readonly control: EventControl;
  /** How what runs here does, for the metrics of this process. */
  readonly own: StageReports;
  /** The plan in force. */
  readonly plan: EventPlan | undefined;
  readonly syncs: Syncs | undefined;
  /** How the events of the bucket are heard here; undefined where they are not. */
  bucket(): Promise<BucketReport | undefined>;
  /** Counts of the runs of schedules in this process, since it started. */
  scheduleCounts(): readonly ScheduleCounts[];
  /** The sources that this process reads, or would read. */
  sources(): readonly RunningSource[];
  /** The reasons why it is not ready, one sentence each. */
  reasons(): string[];
}
