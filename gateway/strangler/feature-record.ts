// What is kept of a feature from one plan to the next: where it stands, since when and why, and what was counted since.
import type { Timer, World } from '../../core/world.ts';
import { describeStanding, isSameStanding, type Standing } from './standing.ts';
import type { Switch, SwitchedBy, SwitchStore } from './switches.ts';
import { createTally, type Tally } from './tally.ts';

/** One move of a feature, newest last. */
export interface Move {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  readonly from: Standing;
  readonly to: Standing;
  readonly by: SwitchedBy | 'resource';
  readonly reason: string;
}

export interface RecordInit {
  readonly world: World;
  readonly switches: SwitchStore;
  /** `default/shop/orders`. */
  readonly key: string;
  readonly declared: Standing;
  readonly windowMs: number;
}

const MAX_MOVES = 50;

/** A class, since it lives longer than the plans that use it and is closed when none does. */
export class FeatureRecord {
  standing: Standing;
  declared: Standing;
  /** The switch in force, undefined while the resource is followed. */
  switched: Switch | undefined;
  tally: Tally;
  readonly moves: Move[] = [];
  #since: number;
  #windowMs: number;
  #timer: Timer | undefined;
  #closed = false;
  readonly #world: World;
  readonly #switches: SwitchStore;
  readonly #key: string;

  constructor({ world, switches, key, declared, windowMs }: RecordInit) {
    this.#world = world;
    this.#switches = switches;
    this.#key = key;
    this.#windowMs = windowMs;
    this.#since = world.monotonic();
    this.declared = declared;
    const kept = switches.read(key);
    this.switched = kept && isSameStanding(kept.declared, declared) ? kept : undefined;
    this.standing = this.switched?.to ?? declared;
    this.tally = createTally(windowMs);
  }

  /** Milliseconds since the feature stands where it stands. */
  get elapsed(): number {
    return this.#world.monotonic() - this.#since;
  }

  /** A plan with these settings is in force. When the resource says something new, it has the last word over switches. */
  declare(declared: Standing, windowMs: number): void {
    if (!isSameStanding(declared, this.declared)) {
      this.declared = declared;
      this.#forget();
      this.#move(declared, 'resource', `The resource says ${describeStanding(declared)}.`);
    }
    if (windowMs === this.#windowMs) return;
    this.#windowMs = windowMs;
    this.#begin();
  }

  /** Throws, and changes nothing, when the switch cannot be kept over a restart. */
  switchTo(to: Standing, by: SwitchedBy, reason: string): void {
    if (isSameStanding(to, this.declared)) {
      this.#switches.write(this.#key, undefined);
      this.switched = undefined;
    } else {
      const value: Switch = { to, declared: this.declared, by, at: this.#world.now(), reason };
      this.#switches.write(this.#key, value);
      this.switched = value;
    }
    this.#move(to, by, reason);
  }

  /** Calls `run` again and again until the next call, or the end. */
  watch(everyMs: number, run: (() => void) | undefined): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!run || this.#closed) return;
    this.#timer = this.#world.after(everyMs, () => {
      this.watch(everyMs, run);
      run();
    });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  /** A stale switch left in the store would only be ignored later, so failing to remove it is no reason to stop. */
  #forget(): void {
    if (!this.switched) return;
    this.switched = undefined;
    try {
      this.#switches.write(this.#key, undefined);
    } catch {
      // It names what the resource declared before, and so has no effect.
    }
  }

  #move(to: Standing, by: Move['by'], reason: string): void {
    if (isSameStanding(to, this.standing)) return;
    this.moves.push({ at: this.#world.now(), from: this.standing, to, by, reason });
    if (this.moves.length > MAX_MOVES) this.moves.shift();
    this.standing = to;
    this.#begin();
  }

  #begin(): void {
    this.tally = createTally(this.#windowMs);
    this.#since = this.#world.monotonic();
  }
}
