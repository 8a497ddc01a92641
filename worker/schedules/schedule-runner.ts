// Runs the schedules of the plan in force: looks at each when it is due, in every worker. Which
// process hands a run over is decided by the store.
import { pauseAfter } from '../../core/retry/backoff.ts';
import { scheduleScopeOf } from '../../core/schedules/schedule-state.ts';
import { sleep } from '../../core/world.ts';
import { TimeHeap } from '../time-heap.ts';
import type { SchedulePlan } from './schedule-plan.ts';
import { createScheduleTarget } from './schedule-target.ts';
import { type Scheduled, type ScheduleSite, stepSchedule } from './step-schedule.ts';

interface Running extends Scheduled {
  /** When it is looked at next, by the store's clock. */
  at: number;
  failures: number;
}

const LOOK_MS = 1_000;
const PAUSES = { base: 500, max: 30_000 };
/** Looks that go on at the same time. One that hangs makes room for another after a while. */
const LOOKS_MOST = 2_048;
const HANGING_MS = 10_000;
/** Looks that begin before the loop of events has a turn. */
const SLICE = 100;

export class ScheduleRunner {
  readonly #site: ScheduleSite;
  readonly #running = new Map<string, Running>();
  readonly #heap = new TimeHeap<{ readonly running: Running; readonly at: number }>();
  readonly #closing = new AbortController();
  readonly #looks = new Set<Promise<void>>();
  /** By key: ends with the newest step. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #busy = 0;
  /** Ends the pause between two rounds of looks. */
  #wake: () => void = () => {};
  #loop: Promise<void> | undefined;

  constructor(site: ScheduleSite) {
    this.#site = site;
  }

  /** Unchanged ones go on. The state of those that are gone is forgotten. */
  apply(plans: readonly SchedulePlan[]): void {
    if (this.#closing.signal.aborted) return;
    const wanted = new Map(plans.map(plan => [plan.key, plan]));
    for (const [key, { plan }] of this.#running) {
      if (wanted.has(key)) continue;
      this.#running.delete(key);
      this.#forget(plan);
    }
    for (const [key, plan] of wanted) {
      const before = this.#running.get(key);
      if (before && fingerprintOf(before.plan) === fingerprintOf(plan)) continue;
      const next = this.#begin(plan, before);
      this.#running.set(key, next);
      this.#plan(next, 0);
    }
    if (this.#running.size > 0) this.#loop ??= this.#keepLooking();
  }

  /** Takes a schedule on at once. A command in a process that runs none may ask for it, too. */
  async step(plan: SchedulePlan): Promise<void> {
    const running = this.#running.get(plan.key) ?? this.#begin(plan, undefined);
    await this.#inTurn(running);
  }

  /** Runs that are being handed over may end within the grace. */
  async close(graceMs: number): Promise<void> {
    this.#closing.abort(new Error('The schedules are closed.'));
    this.#wake();
    const patience = new AbortController();
    const ended = Promise.all([this.#loop, ...this.#looks]);
    await Promise.race([ended, sleep(this.#site.world, graceMs, patience.signal).catch(() => undefined)]);
    patience.abort(new Error('All have ended.'));
  }

  #begin(plan: SchedulePlan, before: Running | undefined): Running {
    return { plan, target: createScheduleTarget(plan), seen: before?.seen, known: before?.known, at: 0, failures: 0 };
  }

  #plan(running: Running, at: number): void {
    running.at = at;
    this.#heap.add(at, { running, at });
  }

  async #keepLooking(): Promise<void> {
    const { store } = this.#site;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      let pause = LOOK_MS;
      try {
        const now = await store.now();
        await this.#lookAtDue(now);
        if (this.#busy < LOOKS_MOST) pause = Math.min(LOOK_MS, this.#heap.next - now);
      } catch {
        // Each look says what is wrong with the store.
      }
      if (!signal.aborted) await this.#pause(pause);
    }
  }

  async #lookAtDue(now: number): Promise<void> {
    const { signal } = this.#closing;
    for (let begun = 1; this.#heap.next <= now && this.#busy < LOOKS_MOST && !signal.aborted; begun++) {
      this.#lookAtNext();
      if (begun % SLICE === 0) await sleep(this.#site.world, 0, signal);
    }
  }

  /** Until the next one is due, or there is room for a look again. */
  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = this.#site.world.after(ms, () => this.#wake());
      this.#wake = () => {
        timer.cancel();
        this.#wake = () => {};
        resolve();
      };
    });
  }

  #lookAtNext(): void {
    const next = this.#heap.take();
    if (next === undefined) return;
    const { running, at } = next;
    const isCurrent = running.at === at && this.#running.get(running.plan.key) === running;
    if (isCurrent) this.#look(running);
  }

  #look(running: Running): void {
    const { world, observer, store } = this.#site;
    this.#busy++;
    let isCounted = true;
    const release = () => {
      if (!isCounted) return;
      isCounted = false;
      if (this.#busy-- === LOOKS_MOST) this.#wake();
    };
    const hanging = world.after(HANGING_MS, release);
    const look = async () => {
      try {
        const until = await this.#inTurn(running);
        running.failures = 0;
        this.#plan(running, until);
      } catch (error) {
        if (running.failures++ === 0) observer.trouble(running.plan, error);
        const pause = pauseAfter(running.failures, PAUSES, world.random());
        const now = await store.now().catch(() => 0);
        this.#plan(running, now + pause);
      } finally {
        hanging.cancel();
        release();
      }
    };
    const looking = look().finally(() => this.#looks.delete(looking));
    this.#looks.add(looking);
  }

  /** Two steps of one schedule in one process would take each other for the step of a dead one. */
  #inTurn(running: Running): Promise<number> {
    const { key } = running.plan;
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(() => stepSchedule(this.#site, running));
    const ended = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(key) === ended) this.#turns.delete(key);
      });
    this.#turns.set(key, ended);
    return turn;
  }

  #forget({ resource: { kind, metadata }, spec }: SchedulePlan): void {
    const scope = scheduleScopeOf(metadata.namespace, kind, metadata.name);
    // A row that stays behind expires.
    this.#site.store.delete(scope, spec.name).catch(() => undefined);
  }
}

/** Another target can take other events, so all of the resource counts. */
function fingerprintOf({ resource, spec }: SchedulePlan): string {
  return JSON.stringify([resource.spec, spec]);
}
