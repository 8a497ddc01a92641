// How often in a row instances of one function failed, and until when no new one is started for it.
import { pauseAfter } from '../../../core/retry/backoff.ts';
import type { Timer, World } from '../../../core/world.ts';

/** Between starts of a function that keeps failing. */
const PAUSES = { base: 200, max: 30_000 };

export class CrashLoop {
  readonly #world: World;
  readonly #healthyMs: number;
  #failures = 0;
  #lastError: string | undefined;
  /** The newest code does not load; older code may still serve. Cleared by the next change. */
  #broken = false;
  /** No start has succeeded since one failed, or since instances ended one after the other. */
  #unproven = false;
  #blockedUntil = 0;
  #retry: Timer | undefined;

  /** `healthyMs`: an instance that ran for so long begins a new row of failures. */
  constructor(world: World, healthyMs: number) {
    this.#world = world;
    this.#healthyMs = healthyMs;
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  get isBroken(): boolean {
    return this.#broken;
  }

  /** Whether the next start is likely to fail, too. */
  get isDown(): boolean {
    return this.#unproven;
  }

  get isBlocked(): boolean {
    return this.#world.monotonic() < this.#blockedUntil;
  }

  /** Until the next start. */
  get blockedMs(): number {
    return this.#blockedUntil - this.#world.monotonic();
  }

  get isFirstFailure(): boolean {
    return this.#failures === 1;
  }

  /** An instance is ready, or there is none to have failed. */
  forgetError(): void {
    this.#lastError = undefined;
    this.#unproven = false;
  }

  notLoaded(error: string): void {
    this.#failures++;
    this.#broken = true;
    this.#unproven = true;
    this.#lastError = error;
  }

  ended(error: string, startedAt: number): void {
    this.#failures = this.#world.monotonic() - startedAt >= this.#healthyMs ? 1 : this.#failures + 1;
    this.#unproven = this.#failures > 1;
    this.#lastError = error;
  }

  /** Blocks starts for a while, and calls `again` when that is over. */
  backOff(again: () => void): void {
    const delay = pauseAfter(this.#failures, PAUSES, this.#world.random());
    this.#blockedUntil = this.#world.monotonic() + delay;
    this.#retry?.cancel();
    this.#retry = this.#world.after(delay, () => {
      this.#broken = false;
      again();
    });
  }

  /** The code has changed: it may be started at once. */
  reset(): void {
    this.#failures = 0;
    this.#broken = false;
    this.#unproven = false;
    this.#blockedUntil = 0;
    this.#retry?.cancel();
  }

  close(): void {
    this.#retry?.cancel();
  }
}
