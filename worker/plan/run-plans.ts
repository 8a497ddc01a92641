// Runs something for each plan in force: what has not changed goes on, and what changed starts anew
// once the former one has ended.
import type { World } from '../../core/world.ts';
import { type Runnable, type Runner, runConsumer } from './consumer-runner.ts';

export interface Plan {
  /** It is another one where anything is to run in another way. */
  readonly fingerprint: string;
}

export interface RunningPlan<P extends Plan, T extends Runnable> {
  readonly plan: P;
  readonly runner: Runner<T>;
}

export interface RunningPlansOptions<P extends Plan, T extends Runnable> {
  readonly world: World;
  /** At most one plan of a key is in force. */
  keyOf(plan: P): string;
  /** For people, such as "View orders". */
  nameOf(plan: P): string;
  /** Called again after a failure. */
  start(plan: P): Promise<T>;
  problem(message: string, error: unknown): void;
}

/** How long something may finish what it does before it is started anew in another way. */
const RESTART_GRACE_MS = 5_000;

export class RunningPlans<P extends Plan, T extends Runnable> {
  readonly #options: RunningPlansOptions<P, T>;
  readonly #running = new Map<string, RunningPlan<P, T>>();
  /** By key: the former one, while that still ends. */
  readonly #ending = new Map<string, Promise<void>>();
  #closed = false;

  constructor(options: RunningPlansOptions<P, T>) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get running(): readonly RunningPlan<P, T>[] {
    return [...this.#running.values()];
  }

  /** Also one that has just been started anew by another plan of that key. */
  of(plan: P): RunningPlan<P, T> | undefined {
    return this.#running.get(this.#options.keyOf(plan));
  }

  /** Returns the former plans whose keys have none any more. */
  apply(plans: readonly P[]): readonly P[] {
    if (this.#closed) return [];
    const wanted = new Map(plans.map(plan => [this.#options.keyOf(plan), plan]));
    const gone: P[] = [];
    for (const [key, running] of this.#running) {
      const next = wanted.get(key);
      if (next === undefined) gone.push(running.plan);
      if (next?.fingerprint !== running.plan.fingerprint) this.#stop(key, running, RESTART_GRACE_MS);
    }
    for (const [key, plan] of wanted) if (!this.#running.has(key)) this.#running.set(key, this.#start(key, plan));
    return gone;
  }

  /** Resolves when each plan runs, or one start of it has failed. */
  async tried(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ runner }) => runner.tried));
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    for (const [key, running] of this.#running) this.#stop(key, running, graceMs);
    await Promise.all(this.#ending.values());
  }

  #start(key: string, plan: P): RunningPlan<P, T> {
    const { world, nameOf, start, problem } = this.#options;
    const startNext = async () => {
      await this.#ending.get(key);
      return start(plan);
    };
    const failed = (error: unknown) => problem(`${nameOf(plan)} does not start`, error);
    return { plan, runner: runConsumer(world, startNext, failed) };
  }

  #stop(key: string, { plan, runner }: RunningPlan<P, T>, graceMs: number): void {
    const { nameOf, problem } = this.#options;
    this.#running.delete(key);
    const end = Promise.all([this.#ending.get(key), runner.close(graceMs)])
      .then(() => undefined)
      .catch(error => problem(`${nameOf(plan)} did not end well`, error))
      .finally(() => {
        if (this.#ending.get(key) === end) this.#ending.delete(key);
      });
    this.#ending.set(key, end);
  }
}
