// How schedules, their runs and what was left out are named.
import type {
  LeftOutRuns,
  ScheduleAction,
  ScheduledRun,
  ScheduleReport,
} from '../../../admin/commands/schedule-view.ts';
import type { Tone } from '../../parts/tone.ts';
import { numberWords } from '../../parts/words.ts';
import { linkTo } from '../../shell/router.ts';
import { toneOfJob } from '../kinds/job-words.ts';

export interface Shown {
  readonly tone: Tone;
  readonly word: string;
}

/** The compiler knows when one is missing. */
export const kindsWithSchedules = Object.keys({
  Topic: true,
  Queue: true,
  FanOut: true,
} satisfies Readonly<Record<ScheduleReport['kind'], true>>);

export const whyLeftOut: Readonly<Record<LeftOutRuns['why'], string>> = {
  missed: 'due more than a minute before a worker could begin it',
  overlap: 'the job of the run before had not ended',
  waiting: 'as many as may wait did so already',
};

export const causeOfRun: Readonly<Record<ScheduledRun['cause'], string>> = {
  due: 'due',
  missed: 'missed, made up for',
  asked: 'begun by hand',
};

export const actWords: Readonly<Record<ScheduleAction, string>> = {
  run: 'Run now',
  pause: 'Pause',
  resume: 'Resume',
};

export function stateOfSchedule({ paused, decidedUntil, waiting }: ScheduleReport): Shown {
  if (paused !== undefined) return { tone: 'warn', word: paused === 'resource' ? 'paused by its resource' : 'paused' };
  if (decidedUntil !== undefined) return { tone: 'warn', word: 'rests' };
  return waiting > 0 ? { tone: 'busy', word: `${numberWords(waiting)} waiting` } : { tone: 'good', word: 'on time' };
}

export function outcomeOfRun({ outcome, jobState }: ScheduledRun): Shown {
  if (outcome === 'refused') return { tone: 'bad', word: 'refused' };
  const known = Object.entries(toneOfJob).find(([state]) => state === jobState);
  return known === undefined ? { tone: 'good', word: 'handed over' } : { tone: known[1], word: known[0] };
}

/** `3`, or `3 at least` where nobody has counted all. */
export function leftOutCount(all: readonly LeftOutRuns[]): string {
  const count = numberWords(all.reduce((sum, each) => sum + each.count, 0));
  return all.some(({ atLeast }) => atLeast) ? `${count} at least` : count;
}

/** A job leads to its state, and an event of a Topic to its story. */
export function linkOfRun(of: ScheduleReport, { job, place }: ScheduledRun): string | undefined {
  if (job !== undefined) return linkTo(['resources', of.kind, of.namespace, of.name], { job });
  return of.kind === 'Topic' && place !== undefined ? linkTo(['story', of.namespace, of.name, place]) : undefined;
}
