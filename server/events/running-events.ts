// The event plane of a platform, as its other parts see it.
import type { EventControl } from '../../admin/event-view.ts';
import type { Syncs } from '../../gateway/compile/plan-environment.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { ConsumerState, EventPlane } from '../../worker/event-plane.ts';
import type { EventPlan } from '../../worker/plan/event-plan.ts';
import type { BucketReport } from '../metrics/bucket-metrics.ts';

export interface RunningEvents extends Pick<EventPlane, 'apply' | 'settled' | 'close'> {
  compile(candidate: ResourceSet): EventPlan;
  /** Reads what an earlier process has left to do; before the first plan. */
  load(): Promise<void>;
  readonly consumers: readonly ConsumerState[];
  readonly control: EventControl;
  /** The plan in force. */
  readonly plan: EventPlan | undefined;
  readonly syncs: Syncs | undefined;
  /** How the events of the bucket are heard here; undefined where they are not. */
  bucket(): Promise<BucketReport | undefined>;
  /** The reasons why it is not ready, one sentence each. */
  reasons(): string[];
}
