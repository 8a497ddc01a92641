// The jobs of FanOuts in the admin API, and the actions of people on them.
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
}

export interface FanOutQuery {
  readonly namespace?: string;
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
  readonly error: { readonly status?: number; readonly message: string };
  /** The id of its dead letter, among those of the FanOut; undefined for a nested job. */
  readonly letter?: string;
}

/** How a FanOut keeps up. */
export interface FanOutReport {
  readonly namespace: string;
  readonly name: string;
  readonly state: 'starting' | 'running' | 'stopped';
  readonly lastError: string | undefined;
  /** Facts that are not in the state of the jobs yet. Undefined while it is not known. */
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
  /** Both resolve to the job in its state then. */
  cancel(namespace: string, fanOut: string, id: string): Promise<FanOutSummary>;
  redrive(namespace: string, fanOut: string, id: string): Promise<FanOutSummary>;
}
