// Schedules in the admin API: when they run next, what became of the last runs, pausing, resuming
// and running by hand.
import type { LeftOutReason, RunCause } from '../../core/schedules/schedule-state.ts';
import type { Page } from '../page.ts';

/** Kinds that can have schedules. */
export const scheduledKinds = ['Topic', 'Queue', 'FanOut'] as const;

export interface ScheduleName {
  readonly kind: (typeof scheduledKinds)[number];
  readonly namespace: string;
  /** Of the resource. */
  readonly name: string;
  readonly schedule: string;
}

export interface ScheduledRun {
  /** Id of its event. */
  readonly id: string;
  /** RFC 3339, all of them. */
  readonly due: string;
  readonly cause: RunCause;
  /** When it was handed over or refused. */
  readonly at: string;
  /** `refused`: the target does not take the event; `error` says why. */
  readonly outcome: 'handed-over' | 'refused';
  /** `<partition>-<offset>` of its event. */
  readonly place?: string;
  readonly job?: string;
  /** State of the job, as long as it is remembered. */
  readonly jobState?: string;
  readonly error?: string;
}

export interface LeftOutRuns {
  readonly at: string;
  readonly why: LeftOutReason;
  readonly count: number;
  /** There were more, which nobody has counted. */
  readonly atLeast?: true;
  /** The first due time among them. */
  readonly from: string;
}

export interface ScheduleReport extends ScheduleName {
  readonly cron: string;
  readonly timeZone: string;
  readonly missed: string;
  /** Undefined for a Topic, whose events have no end. */
  readonly overlap?: string;
  /** By its resource or by command; absent while it runs. */
  readonly paused?: 'resource' | 'command';
  /** The next three times at which it runs, its share of the jitter included. None while paused. */
  readonly next: readonly string[];
  /** Runs that are decided on, and not handed over yet. */
  readonly waiting: number;
  /** The newest first. A list has the newest alone. */
  readonly runs: readonly ScheduledRun[];
  /** The newest first. */
  readonly leftOut: readonly LeftOutRuns[];
  /**
   * Set where due times up to then are decided already although they are still to come, because the
   * clock was ahead. Nothing runs before; a pause and a resume end that.
   */
  readonly decidedUntil?: string;
}

export const scheduleActions = ['pause', 'resume', 'run'] as const;
export type ScheduleAction = (typeof scheduleActions)[number];

/** It says what an action would do, before it does it. */
export interface ScheduleActionPlan {
  readonly action: ScheduleAction;
  /** Sentences for whoever decides. */
  readonly says: readonly string[];
  readonly schedule: ScheduleReport;
  /**
   * For the act: it is refused once the schedule stands otherwise. Absent where there is nothing to
   * do.
   */
  readonly token?: string;
}

export interface ScheduleQuery {
  readonly namespace?: string;
  readonly kind?: string;
  /** Of the resource. */
  readonly name?: string;
  /** Only those in these namespaces. Without it in all. */
  readonly visible?: ((namespace: string) => boolean) | undefined;
  readonly limit: number;
  readonly after?: string;
}

/**
 * Throws `not-found` for schedules that are none, `conflict` for what makes no sense now or is no
 * longer as the plan of a token saw it, `log-unavailable` and `store-unavailable`.
 */
export interface ScheduleControl {
  list(query: ScheduleQuery): Promise<Page<ScheduleReport>>;
  read(name: ScheduleName): Promise<ScheduleReport>;
  /** Changes nothing. */
  plan(name: ScheduleName, action: ScheduleAction): Promise<ScheduleActionPlan>;
  /** Lasts until resumed, also when the platform is started anew. */
  pause(name: ScheduleName, token?: string): Promise<ScheduleReport>;
  /** Runs that were due meanwhile are not made up for. */
  resume(name: ScheduleName, token?: string): Promise<ScheduleReport>;
  /** Begins a run now, also while it is paused or the run before goes on. */
  run(name: ScheduleName, token?: string): Promise<ScheduleReport>;
}
