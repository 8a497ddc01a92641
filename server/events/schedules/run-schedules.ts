// The schedules of a platform: run where events are taken, and seen and moved by the admin API
// everywhere.
import type { ScheduleControl } from '../../../admin/commands/schedule-view.ts';
import { fanOutLayoutOf } from '../../../core/fan-outs/layout.ts';
import { createFanOutReader } from '../../../gateway/fan-outs/fan-out-reader.ts';
import { createJobReader } from '../../../gateway/jobs/job-reader.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { createRecentEnds } from '../../../worker/schedules/recent-ends.ts';
import { compileSchedules, type SchedulePlan } from '../../../worker/schedules/schedule-plan.ts';
import { ScheduleRunner } from '../../../worker/schedules/schedule-runner.ts';
import type { ScheduleSite } from '../../../worker/schedules/step-schedule.ts';
import type { Storage } from '../../storage/open-storage.ts';
import type { RunEventsOptions } from '../running-events.ts';
import { createScheduleControl, type FoundRun } from './schedule-control.ts';
import { countSchedules, type ScheduleCounts } from './schedule-counts.ts';

export interface Schedules {
  readonly control: ScheduleControl;
  /** Runs those of the resources in force. */
  apply(): void;
  counts(): readonly ScheduleCounts[];
  close(graceMs: number): Promise<void>;
}

export function createSchedules(
  { world, shared, environment }: Pick<RunEventsOptions, 'world' | 'shared' | 'environment'>,
  { log, store }: Pick<Storage, 'log' | 'store'>,
  resources: () => ResourceSet,
): Schedules {
  const observer = countSchedules(environment.log);
  const findRun = (plan: SchedulePlan, job: string) => findJob(plan, job, { log, store });
  const { incarnation, reminders } = shared;
  const site: ScheduleSite = {
    world,
    store,
    log,
    ends: createRecentEnds(world, log),
    incarnation,
    reminders,
    observer,
    hasEnded: async (plan, job) => (await findRun(plan, job))?.final ?? true,
  };
  const runner = new ScheduleRunner(site);
  const plans = () => compileSchedules(resources());
  return {
    control: createScheduleControl({ site, plans, findRun, step: plan => runner.step(plan) }),
    apply: () => runner.apply(plans()),
    counts: () => observer.list(),
    close: graceMs => runner.close(graceMs),
  };
}

/** Undefined for a job that is not remembered. */
async function findJob(
  { resource }: SchedulePlan,
  id: string,
  { log, store }: Pick<Storage, 'log' | 'store'>,
): Promise<FoundRun | undefined> {
  const { namespace, name } = resource.metadata;
  if (resource.kind === 'Topic') return undefined;
  const reader =
    resource.kind === 'Queue'
      ? createJobReader({ log, store }, { namespace, name, resultTtlMs: resource.spec.result.ttl })
      : createFanOutReader({ log, store }, name, fanOutLayoutOf(namespace, name));
  const found = await reader.find(id);
  return found === undefined || found === 'gone' ? undefined : { state: found.view.state, final: found.final };
}
