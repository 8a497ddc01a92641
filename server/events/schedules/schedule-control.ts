// Schedules as the admin API sees and moves them. All of it is in the store, so any process can
// answer.
import type {
  LeftOutRuns,
  ScheduleAction,
  ScheduleActionPlan,
  ScheduleControl,
  ScheduledRun,
  ScheduleName,
  ScheduleReport,
} from '../../../admin/commands/schedule-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { randomHex } from '../../../core/random-hex.ts';
import type { LeftOut, PastRun, ScheduleState } from '../../../core/schedules/schedule-state.ts';
import { suggest } from '../../../core/suggest.ts';
import { toTimestamp } from '../../../core/world.ts';
import { firstState, PENDING_MOST } from '../../../worker/schedules/decide-schedule.ts';
import type { SchedulePlan } from '../../../worker/schedules/schedule-plan.ts';
import { readState, type ScheduleSite, writeState } from '../../../worker/schedules/step-schedule.ts';
import { assertAsPlanned, type Standing, saysOf, tokenOf } from './action-plan.ts';

/** The job of a run. */
export interface FoundRun {
  readonly state: string;
  readonly final: boolean;
}

export interface ScheduleControlOptions {
  readonly site: Pick<ScheduleSite, 'store' | 'reminders'>;
  /** The schedules of the resources in force, in the order of their keys. */
  plans(): readonly SchedulePlan[];
  findRun(plan: SchedulePlan, job: string): Promise<FoundRun | undefined>;
  /** Takes a schedule on at once. */
  step(plan: SchedulePlan): Promise<void>;
}

/** Next times in a report. */
const NEXT = 3;
/** A clock that is ahead by less is no matter. */
const AHEAD_MS = 60_000;

export function createScheduleControl(options: ScheduleControlOptions): ScheduleControl {
  const { site, plans, step } = options;
  const change = async (action: ScheduleAction, plan: SchedulePlan, token: string | undefined, to: Change) => {
    await update(site, plan, (state, now) => {
      if (token !== undefined) assertAsPlanned(token, action, { ...plan, state });
      return to(state, now);
    });
    if (action === 'run') await step(plan);
    return report(options, plan, 'all');
  };
  return {
    async list({ namespace, kind, name, visible = () => true, limit, after = '' }) {
      const wanted = plans().filter(({ key, resource: { kind: of, metadata } }) => {
        const isMeant = (one: string, written: string | undefined) => written === undefined || one === written;
        const isNamed = isMeant(metadata.namespace, namespace) && isMeant(of, kind) && isMeant(metadata.name, name);
        return key > after && isNamed && visible(metadata.namespace);
      });
      const page = wanted.slice(0, limit);
      const items = await Promise.all(page.map(plan => report(options, plan, 'newest')));
      const next = wanted.length > limit ? page.at(-1)?.key : undefined;
      return next === undefined ? { items } : { items, next };
    },
    read: async name => report(options, find(plans(), name), 'all'),
    plan: async (name, action) => planAction(options, find(plans(), name), action),
    pause: async (name, token) =>
      change('pause', find(plans(), name), token, (state, now) => ({ ...state, pausedAt: state.pausedAt ?? now })),
    async resume(name, token) {
      const plan = find(plans(), name);
      assertResumable(plan);
      return change('resume', plan, token, ({ pausedAt, ...state }, now) =>
        pausedAt === undefined ? { ...state } : { ...state, cursor: now - plan.rules.delayMs },
      );
    },
    async run(name, token) {
      const plan = find(plans(), name);
      return change('run', plan, token, (state, now) => {
        if (state.pending.length >= PENDING_MOST) throw tooMany(plan);
        const run = { id: `asked-${toTimestamp(now)}-${randomHex(2)}`, due: now, cause: 'asked' } as const;
        return { ...state, pending: [run, ...state.pending] };
      });
    },
  };
}

async function planAction(
  options: Pick<ScheduleControlOptions, 'site' | 'findRun'>,
  plan: SchedulePlan,
  action: ScheduleAction,
): Promise<ScheduleActionPlan> {
  if (action === 'resume') assertResumable(plan);
  const { site, findRun } = options;
  const now = await site.store.now();
  const state = (await readState(site, plan))?.state ?? firstState(plan.rules, now);
  const [next] = nextTimes(plan, now - plan.rules.delayMs);
  const standing: Standing = { ...plan, state };
  const schedule = await report(options, plan, 'all');
  const job = schedule.runs[0]?.job;
  const found = job === undefined ? undefined : await findRun(plan, job);
  const isNothing = action !== 'run' && (state.pausedAt !== undefined) === (action === 'pause');
  return {
    action,
    says: saysOf(action, schedule, { next, isOpen: found?.final === false }),
    schedule,
    ...(isNothing ? {} : { token: tokenOf(action, standing) }),
  };
}

function assertResumable({ rules, spec }: SchedulePlan): void {
  if (!rules.paused) return;
  const message = `Schedule "${spec.name}" says "paused: true". Change that to let it go on.`;
  throw new TenfoldError('conflict', message);
}

function tooMany({ key }: SchedulePlan): TenfoldError {
  const message = `${PENDING_MOST} runs of ${key} wait already. Look at its log and its target, and ask again later.`;
  return new TenfoldError('overloaded', message, { retryAfterSeconds: 30 });
}

type Change = (state: ScheduleState, now: number) => ScheduleState;

async function update(site: Pick<ScheduleSite, 'store' | 'reminders'>, plan: SchedulePlan, change: Change) {
  for (;;) {
    const stored = await readState(site, plan);
    const now = await site.store.now();
    const next = change(stored?.state ?? firstState(plan.rules, now), now);
    if (await writeState(site, plan, next, stored ?? 'absent', true)) return;
  }
}

function find(plans: readonly SchedulePlan[], { kind, namespace, name, schedule }: ScheduleName): SchedulePlan {
  const key = `${kind}/${namespace}/${name}/${schedule}`;
  const found = plans.find(plan => plan.key === key);
  if (found) return found;
  const siblings = plans.filter(({ resource: { kind: of, metadata } }) => {
    return of === kind && metadata.namespace === namespace && metadata.name === name;
  });
  const names = siblings.map(({ spec }) => spec.name);
  const nearest = suggest(schedule, names);
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  throw new TenfoldError(
    'not-found',
    `${kind} "${name}" in namespace "${namespace}" has no schedule "${schedule}".${hint}`,
  );
}

async function report(
  { site, findRun }: Pick<ScheduleControlOptions, 'site' | 'findRun'>,
  plan: SchedulePlan,
  which: 'newest' | 'all',
): Promise<ScheduleReport> {
  const { resource, spec, rules } = plan;
  const stored = await readState(site, plan);
  const now = await site.store.now();
  const state = stored?.state ?? firstState(rules, now);
  const paused = rules.paused ? 'resource' : state.pausedAt === undefined ? undefined : 'command';
  const runs = which === 'all' ? state.runs : state.runs.slice(0, 1);
  const isAhead = state.cursor - now > AHEAD_MS;
  return {
    kind: resource.kind,
    namespace: resource.metadata.namespace,
    name: resource.metadata.name,
    schedule: spec.name,
    cron: spec.cron,
    timeZone: spec.timeZone,
    missed: spec.missed,
    ...('overlap' in spec ? { overlap: spec.overlap } : {}),
    ...(paused === undefined ? {} : { paused }),
    next: paused === undefined ? nextTimes(plan, Math.max(state.cursor, now - rules.delayMs)) : [],
    waiting: state.pending.length,
    runs: await Promise.all(runs.map(async run => toRun(run, run.job && (await findRun(plan, run.job))?.state))),
    leftOut: state.leftOut.map(toLeftOut),
    ...(isAhead ? { decidedUntil: toTimestamp(state.cursor) } : {}),
  };
}

function nextTimes({ rules: { times, delayMs } }: SchedulePlan, after: number): string[] {
  const found: string[] = [];
  for (let time = times.next(after); time !== undefined && found.length < NEXT; time = times.next(time))
    found.push(toTimestamp(time + delayMs));
  return found;
}

function toRun({ id, due, cause, at, place, job, error }: PastRun, jobState: string | undefined): ScheduledRun {
  return {
    id,
    due: toTimestamp(due),
    cause,
    at: toTimestamp(at),
    outcome: error === undefined ? 'handed-over' : 'refused',
    ...(place === undefined ? {} : { place: `${place.partition}-${place.offset}` }),
    ...(job === undefined ? {} : { job }),
    ...(jobState ? { jobState } : {}),
    ...(error === undefined ? {} : { error }),
  };
}

function toLeftOut({ at, why, count, atLeast, from }: LeftOut): LeftOutRuns {
  return { at: toTimestamp(at), why, count, ...(atLeast ? { atLeast } : {}), from: toTimestamp(from) };
}
