// Runs work once a stream of changes has become quiet, and at the latest when patience ends. The
// longer the work takes, the longer it waits, so that most of the time is left for other work.
import type { Timer, World } from '../../core/world.ts';

/**
 * Changes within this time of each other are one; in a large cluster, where the
 * work takes long, more are.
 */
const QUIET_MS = 30;
const QUIET_RUNS = 2;
/** The work is done this often even if it never becomes quiet. */
const PATIENCE_MS = 250;
const PATIENCE_RUNS = 10;
const LONGEST_PATIENCE_MS = 5000;

export class QuietTimer {
  readonly #world: World;
  readonly #work: () => unknown;
  #pending: Timer | undefined;
  /** When the first change came that the work has not seen. */
  #since = 0;
  /** How long the work took last. */
  #tookMs = 0;

  constructor(world: World, work: () => unknown) {
    this.#world = world;
    this.#work = work;
  }

  changed(): void {
    const now = this.#world.monotonic();
    if (!this.#pending) this.#since = now;
    this.#pending?.cancel();
    const quiet = Math.max(QUIET_MS, QUIET_RUNS * this.#tookMs);
    const patience = Math.max(PATIENCE_MS, Math.min(PATIENCE_RUNS * this.#tookMs, LONGEST_PATIENCE_MS));
    const left = Math.min(quiet, this.#since + patience - now);
    this.#pending = this.#world.after(Math.max(0, left), () => this.#run());
  }

  cancel(): void {
    this.#pending?.cancel();
  }

  #run(): void {
    this.#pending = undefined;
    const began = this.#world.monotonic();
    this.#work();
    this.#tookMs = this.#world.monotonic() - began;
  }
}
