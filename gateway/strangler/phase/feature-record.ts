// The record of a feature from one plan to the next: its phase state, since when and why, and the
// counts since then.
import type { Timer, World } from '../../../core/world.ts';
import { createTally, type Tally } from '../evidence/tally.ts';
import { describePhaseState, isSamePhaseState, type PhaseState } from './phase-state.ts';
import { isSameSwitch, type Switch, type SwitchedBy, type SwitchStore } from './switches.ts';

/** One move of a feature, newest last. */
export interface Move {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  readonly from: PhaseState;
  readonly to: PhaseState;
  readonly by: SwitchedBy | 'resource';
  readonly reason: string;
}

export interface RecordInit {
  readonly world: World;
  readonly switches: SwitchStore;
  /** `default/shop/orders`. */
  readonly key: string;
  readonly declared: PhaseState;
  readonly windowMs: number;
  /** Rules of the comparison, as text: figures that were counted by other rules do not count. */
  readonly question: string;
}

const MAX_MOVES = 50;

/** A class, since it lives longer than the plans that use it and is closed when none does. */
export class FeatureRecord {
  phaseState: PhaseState;
  declared: PhaseState;
  /** The switch in force, undefined while the resource is followed. */
  switched: Switch | undefined;
  tally: Tally;
  readonly moves: Move[] = [];
  #since: number;
  #windowMs: number;
  #question: string;
  #timer: Timer | undefined;
  #closed = false;
  /** As last read or written by this process; not what another one wrote under another resource. */
  #kept: Switch | undefined;
  #adopted: ((move: Move) => void) | undefined;
  readonly #deaf: () => void;
  readonly #world: World;
  readonly #switches: SwitchStore;
  readonly #key: string;

  constructor({ world, switches, key, declared, windowMs, question }: RecordInit) {
    this.#world = world;
    this.#switches = switches;
    this.#key = key;
    this.#windowMs = windowMs;
    this.#question = question;
    this.#since = world.monotonic();
    this.declared = declared;
    this.#kept = switches.read(key);
    this.switched = this.#inForce(this.#kept);
    this.phaseState = this.switched?.to ?? declared;
    this.tally = createTally(windowMs);
    this.#deaf = switches.listen(key, () => this.#adopt(switches.read(key)));
  }

  /** False as long as its phase state could not be read yet. */
  get known(): boolean {
    return this.#switches.known;
  }

  /**
   * Subject of its figures, as text: its phase state, since which move, and how it is compared. The
   * same in all gateways.
   */
  get about(): string {
    const { phaseState, declared, switched } = this;
    return JSON.stringify([phaseState, declared, switched?.at ?? 0, this.#windowMs, this.#question]);
  }

  /** Milliseconds since the feature's last move. */
  get elapsed(): number {
    return this.#world.monotonic() - this.#since;
  }

  /**
   * A plan with these settings is in force. When the resource says something new, it has
   * the last word over switches.
   */
  declare(declared: PhaseState, windowMs: number, question: string): void {
    if (!isSamePhaseState(declared, this.declared)) {
      this.declared = declared;
      this.#forget();
      this.#move(declared, 'resource', `The resource says ${describePhaseState(declared)}.`);
    }
    const isAsBefore = windowMs === this.#windowMs && question === this.#question;
    if (isAsBefore) return;
    this.#windowMs = windowMs;
    this.#question = question;
    this.#begin();
  }

  /**
   * Whether it was this switch that happened: not when another process was faster. Rejects, and
   * changes nothing, when it cannot be kept.
   */
  async switchTo(to: PhaseState, by: SwitchedBy, reason: string): Promise<boolean> {
    const next: Switch = { to, declared: this.declared, by, at: this.#world.now(), reason };
    const stands = await this.#switches.write(this.#key, next, this.#kept);
    if (!isSameSwitch(stands, next)) {
      this.#adopt(stands);
      return false;
    }
    this.#kept = next;
    // The resource may have said something new meanwhile.
    if (!isSamePhaseState(next.declared, this.declared)) return false;
    this.switched = this.#inForce(next);
    this.#move(to, by, reason);
    return true;
  }

  /** `told`: of moves that another process has made. */
  follow(told: (move: Move) => void): void {
    this.#adopted = told;
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
    this.#deaf();
  }

  #inForce(kept: Switch | undefined): Switch | undefined {
    if (kept === undefined || !isSamePhaseState(kept.declared, this.declared)) return undefined;
    return isSamePhaseState(kept.to, kept.declared) ? undefined : kept;
  }

  /**
   * The record of another process. A process with a newer or older resource writes about that one,
   * and this process keeps its state.
   */
  #adopt(kept: Switch | undefined): void {
    if (this.#closed || kept === undefined || !isSamePhaseState(kept.declared, this.declared)) return;
    this.#kept = kept;
    this.switched = this.#inForce(kept);
    const move = this.#move(kept.to, kept.by, kept.reason);
    if (move) this.#adopted?.(move);
  }

  /**
   * A stale switch left in the store would only be ignored later, so failing to
   * replace it is no reason to stop.
   */
  #forget(): void {
    const had = this.switched;
    this.switched = undefined;
    if (had === undefined) return;
    const { declared } = this;
    const reason = `The resource says ${describePhaseState(declared)}.`;
    const next: Switch = { to: declared, declared, by: 'resource', at: this.#world.now(), reason };
    this.#switches.write(this.#key, next, this.#kept).then(
      stands => {
        if (isSameSwitch(stands, next)) this.#kept = next;
        else this.#adopt(stands);
      },
      // The stored record names what the resource declared before, and so has no effect.
      () => {},
    );
  }

  #move(to: PhaseState, by: Move['by'], reason: string): Move | undefined {
    if (isSamePhaseState(to, this.phaseState)) return undefined;
    const move = { at: this.#world.now(), from: this.phaseState, to, by, reason };
    this.moves.push(move);
    if (this.moves.length > MAX_MOVES) this.moves.shift();
    this.phaseState = to;
    this.#begin();
    return move;
  }

  #begin(): void {
    this.tally = createTally(this.#windowMs);
    this.#since = this.#world.monotonic();
  }
}
