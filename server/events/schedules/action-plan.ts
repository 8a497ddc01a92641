// The plan of an action on a schedule: what it says to whoever decides, and the token by which the
// act finds out whether the schedule still stands as it was shown.
import { createHash } from 'node:crypto';
import type { ScheduleAction, ScheduleReport } from '../../../admin/commands/schedule-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { ScheduleState } from '../../../core/schedules/schedule-state.ts';
import type { SchedulePlan } from '../../../worker/schedules/schedule-plan.ts';

/** A schedule as its resource declares it and as the store has it. */
export interface Standing extends Pick<SchedulePlan, 'key' | 'rules'> {
  readonly state: ScheduleState;
}

/** It differs once somebody has acted, so each is good for one act. */
export function tokenOf(action: ScheduleAction, { key, rules, state }: Standing): string {
  const { pausedAt, pending, runs } = state;
  const facts = [action, key, rules.timing, rules.overlap, rules.paused, pausedAt];
  // Others may begin a run by hand at the same time: two plans are no two runs.
  const ran = action === 'run' ? [pending.map(({ id }) => id), runs[0]?.id] : [];
  return createHash('sha256')
    .update(JSON.stringify([facts, ran]))
    .digest('base64url');
}

/** Throws `conflict` where it is not. */
export function assertAsPlanned(token: string, action: ScheduleAction, standing: Standing): void {
  if (token === tokenOf(action, standing)) return;
  throw new TenfoldError(
    'conflict',
    `${standing.key} is no longer as the plan saw it, so nothing is done. Look at it, and plan again.`,
  );
}

export interface Ahead {
  /** The first time at which it would run by itself, if nothing paused it. */
  readonly next: string | undefined;
  /** The job of the run before goes on. */
  readonly isOpen: boolean;
}

export function saysOf(action: ScheduleAction, schedule: ScheduleReport, { next, isOpen }: Ahead): string[] {
  const { kind, name, paused, runs, waiting } = schedule;
  const who = `${kind} "${name}"`;
  if (action === 'pause') {
    if (paused === 'command') return ['There is nothing to do: a command has paused it already.'];
    return [
      ...(paused === 'resource'
        ? ['Its resource pauses it already. The pause by command lasts also when the resource says otherwise.']
        : [
            `Nothing runs until somebody resumes it${next === undefined ? '' : `, so the run of ${next} is left out`}.`,
            'Runs that are due meanwhile are not made up for.',
          ]),
      ...(kind === 'Topic' ? [] : ['A job that has begun goes on.']),
    ];
  }
  if (action === 'resume') {
    if (paused === undefined) return ['There is nothing to do: it is not paused.'];
    return [
      next === undefined ? 'It goes on, but no due time is to come.' : `It runs next at ${next}.`,
      'Runs that were due in the pause are not made up for.',
    ];
  }
  const [last] = runs;
  return [
    kind === 'Topic' ? `One event goes to ${who} now.` : `One job of ${who} begins now.`,
    ...(paused === undefined ? [] : ['It stays paused.']),
    ...(isOpen ? [`The job of the run before, ${last?.job}, goes on. This one does not wait for it.`] : []),
    ...(waiting > 0 ? [`${waiting} earlier runs are not handed over yet.`] : []),
  ];
}
