// Decides what a schedule does next: which due times become runs, which are left out, and which run
// this process hands over. A function of what was gathered, without effects.
import type {
  LeftOut,
  LeftOutReason,
  PendingRun,
  RunClaim,
  ScheduleState,
} from '../../core/schedules/schedule-state.ts';
import { toTimestamp } from '../../core/world.ts';
import type { DueTimes } from './due-times.ts';
import type { ScheduleRules } from './schedule-plan.ts';

interface Facts {
  readonly rules: ScheduleRules;
  readonly state: ScheduleState;
  /** By the store's clock. */
  readonly now: number;
  /** After the cursor; undefined as long as a claimed run has to be settled first. */
  readonly due: DueTimes | undefined;
  /** The job of the newest run has not ended. */
  readonly isBusy: boolean;
  /** The first claim is of a process that still appends. */
  readonly isClaimAlive: boolean;
  /** For a claim of this process. */
  readonly me: RunClaim;
}

type Move =
  /** Nothing is to do until then, by the store's clock. */
  | { readonly kind: 'rest'; readonly until: number }
  | {
      readonly kind: 'write';
      readonly state: ScheduleState;
      readonly leftOut: readonly LeftOut[];
      /** The run that this process hands over once the state is written. */
      readonly claimed: PendingRun | undefined;
    };

/** Runs that wait at the same time; more are left out. */
export const PENDING_MOST = 200;
export const RUNS_KEPT = 10;
const LEFT_OUT_KEPT = 10;
/** When a run that waits for another process or another job is looked at again. */
const LOOK_MS = 2_000;
/** A schedule is looked at so often in any case: another process may have changed its state. */
const IDLE_MS = 300_000;
/**
 * A schedule that was changed begins so much before now: while a release is rolled out, processes
 * with the former pattern must not take a due time away.
 */
const CHANGE_MS = 10_000;

export function firstState({ timing, delayMs }: ScheduleRules, now: number): ScheduleState {
  return { timing, cursor: now - delayMs, pending: [], runs: [], leftOut: [] };
}

function isPaused({ paused }: ScheduleRules, { pausedAt }: ScheduleState): boolean {
  return paused || pausedAt !== undefined;
}

export function decideSchedule(facts: Facts): Move {
  const { rules, state, now, due } = facts;
  if (state.timing !== rules.timing) {
    const cursor = Math.max(state.cursor, now - rules.delayMs - CHANGE_MS);
    return { kind: 'write', state: { ...state, timing: rules.timing, cursor }, leftOut: [], claimed: undefined };
  }
  const admitted = due === undefined ? { state, leftOut: [] } : admit(facts, due);
  const claimed = claim(facts, admitted.state);
  if (claimed) return { kind: 'write', ...claimed, leftOut: admitted.leftOut };
  if (admitted.state !== state) return { kind: 'write', ...admitted, claimed: undefined };
  if (due === undefined) return { kind: 'rest', until: now + LOOK_MS };
  const next = rules.times.next(state.cursor) ?? Number.POSITIVE_INFINITY;
  const waits = state.pending.some(run => mayRun(facts, run));
  return { kind: 'rest', until: Math.min(next + rules.delayMs, now + (waits ? LOOK_MS : IDLE_MS)) };
}

/** Turns due times into runs that wait, and says which are left out. */
function admit(facts: Facts, due: DueTimes): { readonly state: ScheduleState; readonly leftOut: readonly LeftOut[] } {
  const { rules, state, now } = facts;
  const last = due.now.at(-1) ?? due.missed.at(-1);
  if (last === undefined) return { state, leftOut: [] };
  // Also backwards in time the cursor stays: what was decided once is decided.
  const cursor = Math.max(state.cursor, last);
  if (isPaused(rules, state)) return { state: { ...state, cursor }, leftOut: [] };
  const kept = rules.missed === 'skip' ? [] : rules.missed === 'one' ? due.missed.slice(-1) : due.missed;
  const leftOut: LeftOut[] = [];
  const uncounted = due.missedCount - kept.length;
  if (uncounted > 0) {
    const { atLeast, firstMissed: from = last } = due;
    leftOut.push({ at: now, why: 'missed', count: uncounted, ...(atLeast ? { atLeast } : {}), from });
  }
  const pending = [...state.pending];
  const refused: Record<Exclude<LeftOutReason, 'missed'>, number[]> = { overlap: [], waiting: [] };
  const take = (time: number, cause: PendingRun['cause']) => {
    if (rules.overlap === 'skip' && (facts.isBusy || pending.length > 0)) refused.overlap.push(time);
    else if (pending.length >= PENDING_MOST) refused.waiting.push(time);
    else pending.push({ id: toTimestamp(time), due: time, cause });
  };
  for (const time of kept) take(time, 'missed');
  for (const time of due.now) take(time, 'due');
  for (const why of ['overlap', 'waiting'] as const) {
    const [from] = refused[why];
    if (from !== undefined) leftOut.push({ at: now, why, count: refused[why].length, from });
  }
  const all = [...leftOut].reverse().concat(state.leftOut).slice(0, LEFT_OUT_KEPT);
  return { state: { ...state, cursor, pending, leftOut: all }, leftOut };
}

/** Claims the first run that may be handed over; undefined where there is none. */
function claim(
  facts: Facts,
  state: ScheduleState,
): { readonly state: ScheduleState; readonly claimed: PendingRun } | undefined {
  const { me, isClaimAlive } = facts;
  const before = state.pending.find(run => run.claim !== undefined);
  if (before && isClaimAlive) return undefined;
  const chosen = before ?? state.pending.find(run => mayRun(facts, run) && !mustWait(facts, run));
  if (chosen === undefined) return undefined;
  const claimed = { ...chosen, claim: { ...me, ends: chosen.claim?.ends ?? me.ends } };
  return { state: { ...state, pending: state.pending.map(run => (run === chosen ? claimed : run)) }, claimed };
}

/** A pause holds what is not under way; what a person asks for runs all the same. */
function mayRun({ rules, state }: Facts, { cause, claim: taken }: PendingRun): boolean {
  return cause === 'asked' || taken !== undefined || !isPaused(rules, state);
}

function mustWait({ rules, isBusy }: Facts, { cause }: PendingRun): boolean {
  return rules.overlap === 'queue' && isBusy && cause !== 'asked';
}
