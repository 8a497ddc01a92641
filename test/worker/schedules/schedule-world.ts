// A simulated world for schedules: processes with clocks of their own over one store and one log.
// Calls take time, fail, or are never answered because the process has died.
import { TenfoldError } from '../../../core/errors.ts';
import type { LeftOut, PastRun } from '../../../core/schedules/schedule-state.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { AppendedAt, LogRecord, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { noReminders } from '../../../drivers/store/reminders.ts';
import type { Keys } from '../../../drivers/store/store.ts';
import { createRecentEnds } from '../../../worker/schedules/recent-ends.ts';
import type { SchedulePlan } from '../../../worker/schedules/schedule-plan.ts';
import { ScheduleRunner } from '../../../worker/schedules/schedule-runner.ts';
import type { ScheduleSite } from '../../../worker/schedules/step-schedule.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

export interface Faults {
  /** Draws in [0, 1), the same for the same seed. */
  random(): number;
  /** Share of calls that fail, half of them although they were carried out. */
  failures: number;
  /** Longest time that a call takes, milliseconds. */
  latencyMs: number;
}

export interface Process {
  readonly runner: ScheduleRunner;
  readonly site: ScheduleSite;
  /** Its clock is so much ahead of the true time, milliseconds. */
  skew: number;
  /** It stops at once, in the midst of whatever it does. */
  kill(): void;
}

const NEVER = new Promise<never>(() => {});

export function createScheduleWorld(faults: Faults, start: number) {
  const time = createFakeWorld(start);
  /** The store's clock is so much ahead of the true time. */
  const clock = { storeSkew: 0 };
  const store = createFakeStore({ now: () => time.now() + clock.storeSkew });
  const records: LogRecord[] = [];
  const dead = new Set<string>();
  const told: { runs: PastRun[]; leftOut: LeftOut[]; troubles: unknown[] } = { runs: [], leftOut: [], troubles: [] };
  let processes = 0;
  const log = {
    append: async (_topic: string, added: readonly NewRecord[]): Promise<readonly AppendedAt[]> =>
      added.map(({ key, value, headers }) => {
        records.push({ offset: records.length, timestamp: time.now(), key, value, headers });
        return { partition: 0, offset: records.length - 1 };
      }),
    bounds: async () => [{ start: 0, end: records.length }],
    offsetAt: async (_topic: string, _partition: number, at: number) => {
      const found = records.findIndex(({ timestamp }) => timestamp >= at);
      return found < 0 ? records.length : found;
    },
    read: async (_topic: string, _partition: number, from: number) => {
      const read = records.slice(from, from + 3);
      return { records: read, next: from + read.length, bounds: { start: 0, end: records.length } };
    },
  };

  const startProcess = (
    plans: readonly SchedulePlan[],
    hasEnded: ScheduleSite['hasEnded'] = async () => true,
  ): Process => {
    const id = `process-${++processes}`;
    let alive = true;
    const world: World = {
      ...time,
      now: () => time.now() + made.skew,
      random: faults.random,
      after: (ms, run) => time.after(ms, () => alive && run()),
    };
    const through =
      (what: 'store' | 'log') =>
      <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
      async (...given: A): Promise<R> => {
        const unavailable = new TenfoldError(`${what}-unavailable`, 'It is away.');
        if (!alive) return NEVER;
        await sleep(time, faults.random() * faults.latencyMs);
        if (!alive) return NEVER;
        const isFailing = faults.random() < faults.failures;
        if (isFailing && faults.random() < 0.5) throw unavailable;
        const result = await call(...given);
        await sleep(time, faults.random() * faults.latencyMs);
        if (!alive) return NEVER;
        if (isFailing) throw unavailable;
        return result;
      };
    const [toStore, toLog] = [through('store'), through('log')];
    const keys: Keys = {
      now: store.now,
      get: toStore(store.get),
      put: toStore(store.put),
      delete: toStore(store.delete),
    };
    const site: ScheduleSite = {
      world,
      store: keys,
      log: { ...log, append: toLog(log.append), read: toLog(log.read) } as ScheduleSite['log'],
      ends: createRecentEnds(world, log),
      incarnation: { id, isOver: async other => dead.has(other) },
      reminders: noReminders,
      hasEnded,
      observer: {
        handedOver: (_plan, run) => void told.runs.push(run),
        refused: (_plan, run) => void told.runs.push(run),
        leftOut: (_plan, leftOut) => void told.leftOut.push(leftOut),
        trouble: (_plan, error) => void told.troubles.push(error),
      },
    };
    const runner = new ScheduleRunner(site);
    const made: Process = {
      runner,
      site,
      skew: 0,
      kill() {
        alive = false;
        // Now and then nobody learns that it has ended.
        if (faults.random() < 0.7) dead.add(id);
      },
    };
    runner.apply(plans);
    return made;
  };

  return { time, clock, store, records, told, startProcess };
}

/** Draws of a seed (mulberry32). */
export function drawsOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
