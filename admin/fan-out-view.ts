// The jobs of FanOuts in the admin API, and the actions of people on them.
import type { Cause } from '../core/cause.ts';
import type { Failure } from '../core/failure.ts';
import type { FanOutView } from '../core/fan-outs/job-view.ts';
import type { Page } from './page.ts';

/** The states of jobs that the endpoints show. `unknown`: a later release has written the state. */
export const fanOutStates = [
  'splitting',
  'working',
  'gathering',
  'succeeded',
  'failed',
  'expired',
  'cancelled',
  'unknown',
] as const;

export interface FanOutSummary extends Omit<FanOutView, 'state'> {
  readonly namespace: string;
  readonly state: FanOutView['state'] | 'unknown';
  /** Why a function that divides or gathers failed, as it told the platform. */
  readonly cause?: Cause;
}

export interface FanOutQuery {
  readonly namespace?: string;
  /** Only those in these namespaces. Without it in all. */
  readonly visible?: ((namespace: string) => boolean) | undefined;
  readonly fanOut?: string;
  readonly state?: (typeof fanOutStates)[number];
  readonly limit: number;
  readonly after?: string;
}

export interface FailedItem {
  readonly index: number;
  /** Why it was given up: `exhausted`, `refused`, … */
  readonly reason: string;
  readonly attempts: number;
  readonly error: Failure;
  /** The id of its dead letter, among those of the FanOut; undefined for a nested job. */
  readonly letter?: string;
}

/** Items of a job that stand beside each other, by what became of them. */
export interface ItemGroup {
  /** Index of the first one. */
  readonly from: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly open: number;
}

export interface ItemMap {
  /** Handed out so far. */
  readonly total: number;
  /** Items in each group; the last one may have fewer. */
  readonly size: number;
  readonly groups: readonly ItemGroup[];
}

/** How a FanOut keeps up. */
export interface FanOutReport {
  readonly namespace: string;
  readonly name: string;
  readonly state: 'starting' | 'running' | 'stopped';
  readonly lastError: string | undefined;
  /**
   * Facts that are not in the state of the jobs yet, as far as processes have told. Undefined while
   * it is not known.
   */
  readonly behind: number | undefined;
  /** Since the platform started. */
  readonly folded: number;
  /** Jobs that ended since then, by state; an end that is repeated after a crash counts again. */
  readonly ended: Readonly<Record<string, number>>;
}

/** Throws as `EventControl` does. */
export interface FanOutControl {
  reports(): Promise<readonly FanOutReport[]>;
  /** The newest first. */
  list(query: FanOutQuery): Promise<Page<FanOutSummary>>;
  read(namespace: string, fanOut: string, id: string): Promise<FanOutSummary>;
  failed(
    namespace: string,
    fanOut: string,
    id: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<Page<FailedItem>>;
  /** At most `groups` of them; all items together are those that have been handed out. */
  items(namespace: string, fanOut: string, id: string, groups: number): Promise<ItemMap>;
  /** Both resolve to the job in its state then. */
  cancel(namespace: string, fanOut: string, id: string): Promise<FanOutSummary>;
  redrive(namespace: string, fanOut: string, id: string): Promise<FanOutSummary>;
}
