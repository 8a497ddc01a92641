// Counts what this process did for schedules, and logs what people should know of it.
import type { LeftOutReason } from '../../../core/schedules/schedule-state.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { GatewayLog } from '../../../gateway/gateway-log.ts';
import type { SchedulePlan } from '../../../worker/schedules/schedule-plan.ts';
import type { ScheduleObserver } from '../../../worker/schedules/step-schedule.ts';

export interface ScheduleCounts {
  readonly labels: Readonly<Record<'namespace' | 'kind' | 'name' | 'schedule', string>>;
  handedOver: number;
  refused: number;
  readonly leftOut: Record<LeftOutReason, number>;
  /** Looks that failed and are made again. */
  failures: number;
  /** How late the newest run was handed over, milliseconds. */
  lateMs: number | undefined;
}

export interface CountedSchedules extends ScheduleObserver {
  list(): readonly ScheduleCounts[];
}

const WHY: Readonly<Record<LeftOutReason, string>> = {
  missed: 'they were due more than a minute ago, as while no worker ran or the log was away',
  overlap: 'the job of the run before has not ended',
  waiting: 'as many runs as may wait do so already',
};

export function countSchedules(log: GatewayLog): CountedSchedules {
  const counts = new Map<string, ScheduleCounts>();
  const of = ({ key, resource: { kind, metadata }, spec }: SchedulePlan) => {
    const known = counts.get(key);
    if (known) return known;
    const { namespace, name } = metadata;
    const labels = { namespace, kind, name, schedule: spec.name };
    const leftOut = { missed: 0, overlap: 0, waiting: 0 };
    const fresh = { labels, handedOver: 0, refused: 0, leftOut, failures: 0, lateMs: undefined };
    counts.set(key, fresh);
    return fresh;
  };
  return {
    list: () => [...counts.values()],
    handedOver(plan, run) {
      const count = of(plan);
      count.handedOver++;
      if (run.cause === 'due') count.lateMs = Math.max(0, run.at - run.due - plan.rules.delayMs);
    },
    refused(plan, { due, error }) {
      of(plan).refused++;
      log('error', 'a run of a schedule was refused', { schedule: plan.key, due: toTimestamp(due), error });
    },
    leftOut(plan, { why, count, atLeast, from }) {
      of(plan).leftOut[why] += count;
      const runs = atLeast ? `at least ${count}` : count;
      log('warn', 'runs of a schedule were left out', {
        schedule: plan.key,
        runs,
        from: toTimestamp(from),
        why: WHY[why],
      });
    },
    trouble(plan, error) {
      of(plan).failures++;
      const reason = error instanceof Error ? error.message : String(error);
      log('warn', 'a schedule could not go on; it is tried again', { schedule: plan.key, reason });
    },
  };
}
