// Takes a schedule on until nothing is to do: due times become runs in its state, and a run that
// this process has claimed goes into the log.
import { TenfoldError } from '../../core/errors.ts';
import type { Incarnation } from '../../core/incarnation.ts';
import {
  decodeScheduleState,
  encodeScheduleState,
  type LeftOut,
  type PastRun,
  type PendingRun,
  type ScheduleState,
  scheduleScopeOf,
} from '../../core/schedules/schedule-state.ts';
import { sleep, type World } from '../../core/world.ts';
import type { AppendedAt, EventLog } from '../../drivers/event-log/event-log.ts';
import { findEvent, findEventAfter } from '../../drivers/event-log/find-event.ts';
import type { Reminders } from '../../drivers/store/reminders.ts';
import type { Keys } from '../../drivers/store/store.ts';
import { decideSchedule, firstState, RUNS_KEPT } from './decide-schedule.ts';
import { dueBetween, GRACE_MS } from './due-times.ts';
import type { RecentEnds } from './recent-ends.ts';
import type { SchedulePlan } from './schedule-plan.ts';
import type { ScheduleTarget } from './schedule-target.ts';

export interface ScheduleSite {
  readonly world: World;
  readonly store: Keys;
  readonly log: Pick<EventLog, 'append' | 'bounds' | 'read' | 'offsetAt'>;
  /** Of the log. */
  readonly ends: RecentEnds;
  readonly incarnation: Incarnation;
  readonly reminders: Reminders;
  /** Whether a job of the target has ended, or is not known any more. */
  hasEnded(plan: SchedulePlan, job: string): Promise<boolean>;
  readonly observer: ScheduleObserver;
}

/** Told once by the process that did it. Must not throw. */
export interface ScheduleObserver {
  handedOver(plan: SchedulePlan, run: PastRun): void;
  /** The target does not take the event. */
  refused(plan: SchedulePlan, run: PastRun): void;
  leftOut(plan: SchedulePlan, leftOut: LeftOut): void;
  /** Tried again later. */
  trouble(plan: SchedulePlan, error: unknown): void;
}

export interface Scheduled {
  readonly plan: SchedulePlan;
  readonly target: ScheduleTarget;
  /** A claim of another process, and since when this one has seen it, by the monotonic clock. */
  seen: { readonly token: string; readonly since: number } | undefined;
  /** The state as this process met it last. Another process may have changed it. */
  known: StoredSchedule | undefined;
}

/** Longer than the longest time between two runs, leap years aside. */
const TTL_MS = 400 * 86_400_000;
/**
 * A claim is taken over from a process of which nobody knows that it has ended once it has been
 * seen for so long: no append takes longer.
 */
const ABANDONED_MS = 120_000;
/** A process that stood still between its claim and the append no longer appends. */
const STALE_MS = 60_000;
/**
 * A run that is later than this is looked for in the log: a store that has failed over may have
 * forgotten that it was handed over.
 */
const LATE_MS = 2_000;

export interface StoredSchedule {
  readonly state: ScheduleState;
  readonly version: string;
}

/** Resolves to when it is to be called again, by the store's clock. Rejects as log and store do. */
export async function stepSchedule(site: ScheduleSite, scheduled: Scheduled): Promise<number> {
  const { plan, known } = scheduled;
  scheduled.known = undefined;
  let stored = known ?? (await readState(site, plan));
  for (;;) {
    const now = await site.store.now();
    if (stored === undefined) {
      stored = (await writeState(site, plan, firstState(plan.rules, now), 'absent')) ?? (await readState(site, plan));
      continue;
    }
    const askedAt = site.world.monotonic();
    const before = stored.state;
    const move = decideSchedule({ rules: plan.rules, now, ...(await gather(site, scheduled, before, now)) });
    if (move.kind === 'rest') {
      if (stored !== known) {
        scheduled.known = stored;
        return move.until;
      }
      // A known state is written over only where its version still holds. To rest, it is read anew.
      stored = await readState(site, plan);
      continue;
    }
    stored = await writeState(site, plan, move.state, stored);
    if (stored) {
      for (const each of move.leftOut) site.observer.leftOut(plan, each);
      if (move.claimed) stored = await handOver(site, scheduled, { run: move.claimed, before, now, askedAt, stored });
    }
    stored ??= await readState(site, plan);
  }
}

export async function readState(
  { store }: Pick<ScheduleSite, 'store'>,
  plan: SchedulePlan,
): Promise<StoredSchedule | undefined> {
  const { metadata, kind } = plan.resource;
  const entry = await store.get(scheduleScopeOf(metadata.namespace, kind, metadata.name), plan.spec.name);
  return entry && { state: decodeScheduleState(entry.value, plan.key), version: entry.version };
}

/** Undefined where another process has changed it meanwhile. */
export async function writeState(
  { store, reminders }: Pick<ScheduleSite, 'store' | 'reminders'>,
  { resource: { metadata, kind }, spec }: SchedulePlan,
  state: ScheduleState,
  over: 'absent' | Pick<StoredSchedule, 'version'>,
  /** A store that has failed over is told a lasting state again. */
  isLasting = state.pending.length > 0,
): Promise<StoredSchedule | undefined> {
  const scope = scheduleScopeOf(metadata.namespace, kind, metadata.name);
  const value = encodeScheduleState(state);
  const when = over === 'absent' ? over : { version: over.version };
  const write = () => store.put(scope, spec.name, value, { ttlMs: TTL_MS, when });
  const outcome = await write();
  if (!outcome.written) return undefined;
  if (isLasting) reminders.remember(value.length, write);
  return { state, version: outcome.version };
}

async function gather(site: ScheduleSite, scheduled: Scheduled, state: ScheduleState, now: number) {
  const { world, incarnation } = site;
  const { plan } = scheduled;
  const { times, delayMs, overlap } = plan.rules;
  const claimed = state.pending.find(run => run.claim !== undefined);
  const breathe = () => sleep(world, 0);
  const due = claimed ? undefined : await dueBetween(times, state.cursor, now - delayMs, breathe);
  const isClaimAlive = claimed !== undefined && !(await isAbandoned(site, scheduled, claimed));
  const newest = state.runs.find(({ job }) => job !== undefined)?.job;
  const mayMatter = overlap !== 'allow' && newest !== undefined && due !== undefined;
  const hasCandidate = state.pending.length > 0 || (due !== undefined && due.now.length + due.missed.length > 0);
  const isBusy = mayMatter && hasCandidate && !(await site.hasEnded(plan, newest));
  const ends = hasCandidate ? await site.ends.of(scheduled.target.topic) : [];
  const me = { token: world.id(), by: incarnation.id, ends };
  return { state, due, isClaimAlive, isBusy, me };
}

/** Steps of one schedule follow one another here, so an own claim is one that came to nothing. */
async function isAbandoned(
  { world, incarnation }: ScheduleSite,
  scheduled: Scheduled,
  { claim }: PendingRun,
): Promise<boolean> {
  if (claim === undefined || claim.by === incarnation.id || (await incarnation.isOver(claim.by))) return true;
  const now = world.monotonic();
  if (scheduled.seen?.token !== claim.token) scheduled.seen = { token: claim.token, since: now };
  return now - scheduled.seen.since >= ABANDONED_MS;
}

interface Claimed {
  readonly run: PendingRun;
  readonly before: ScheduleState;
  readonly now: number;
  readonly askedAt: number;
  /** With the claim in it. */
  readonly stored: StoredSchedule;
}

/** The state after that; undefined where it has to be read. */
async function handOver(
  site: ScheduleSite,
  scheduled: Scheduled,
  { run, before, now, askedAt, stored }: Claimed,
): Promise<StoredSchedule | undefined> {
  const { plan, target } = scheduled;
  const wasClaimed = before.pending.some(({ id, claim }) => id === run.id && claim !== undefined);
  const lateMs = now - run.due - plan.rules.delayMs;
  const isLate = lateMs >= LATE_MS && lateMs <= 2 * GRACE_MS;
  const look = wasClaimed ? 'after its first claim' : isLate ? 'since it was due' : undefined;
  let result: Pick<PastRun, 'place' | 'job' | 'error'>;
  try {
    const place = await append(site, target, { run, look, askedAt });
    result = { place, job: target.jobOf(run, place) };
  } catch (error) {
    if (!isFinal(error)) throw error;
    result = { error: error.message };
  }
  const { id, due, cause } = run;
  return settle(site, plan, run, { id, due, cause, at: await site.store.now(), ...result }, stored);
}

interface Appended extends Pick<Claimed, 'run' | 'askedAt'> {
  /** Which part of the log may have the run already; undefined: none. */
  readonly look: 'after its first claim' | 'since it was due' | undefined;
}

async function append(
  { world, log }: ScheduleSite,
  { topic, recordOf }: ScheduleTarget,
  { run, look, askedAt }: Appended,
): Promise<AppendedAt> {
  const record = recordOf(run);
  const found =
    look === 'after its first claim'
      ? await findEventAfter(log, topic, record, run.claim?.ends ?? [])
      : look && (await findEvent(log, topic, record, run.due));
  if (!found && world.monotonic() - askedAt >= STALE_MS) {
    throw new TenfoldError('timeout', 'The run was claimed too long ago; it is claimed again.');
  }
  const [place] = found ? [found] : await log.append(topic, [record]);
  if (place) return { partition: place.partition, offset: place.offset };
  throw new TenfoldError('log-unavailable', 'The event log has not said where the event stands.');
}

/** The run leaves the waiting ones, unless another process has taken it over. */
async function settle(
  site: ScheduleSite,
  plan: SchedulePlan,
  run: PendingRun,
  past: PastRun,
  claimed: StoredSchedule,
): Promise<StoredSchedule | undefined> {
  let stored: StoredSchedule | undefined = claimed;
  while (stored?.state.pending.some(({ claim }) => claim?.token === run.claim?.token)) {
    const { state }: StoredSchedule = stored;
    const next = {
      ...state,
      pending: state.pending.filter(({ id }) => id !== run.id),
      runs: [past, ...state.runs].slice(0, RUNS_KEPT),
    };
    const settled = await writeState(site, plan, next, stored);
    if (settled) {
      if (past.error === undefined) site.observer.handedOver(plan, past);
      else site.observer.refused(plan, past);
      return settled;
    }
    stored = await readState(site, plan);
  }
  return stored;
}

/** Nothing was appended, nor would be by another try. A topic may not have been made yet. */
function isFinal(error: unknown): error is TenfoldError {
  return error instanceof TenfoldError && !error.retryable && error.code !== 'not-found';
}
