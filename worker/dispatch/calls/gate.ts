// Whether calls may be made: all, one to see whether the destination is back, or none for a while.

/** So many failures in a row, without one success, ... */
export const TRIP_FAILURES = 20;
/** ... of so many lanes at least: one poisoned key, or a few, are no reason to leave the destination alone. */
export const TRIP_LANES = 5;
const FIRST_REST_MS = 1000;
/** Not longer: it may be that only the next few hundred events are bad, and each is tried in turn. */
const LONGEST_REST_MS = 5000;
/** One answer holds up all keys: after so long a single call sees whether it still holds, whatever was asked for. */
const LONGEST_ASKED_MS = 60_000;

export class Gate {
  #state: 'flowing' | 'resting' | 'probing' = 'flowing';
  #until = 0;
  #tripped = false;
  #restMs = FIRST_REST_MS;
  #failures = 0;
  readonly #lanes = new Set<string>();

  get state(): 'flowing' | 'resting' | 'probing' {
    return this.#state;
  }

  /** While true the destination as a whole fails: a failure says nothing about its event and is no attempt. */
  get tripped(): boolean {
    return this.#tripped;
  }

  /** When resting ends, by the monotonic clock. */
  get until(): number {
    return this.#until;
  }

  /** How many calls may be in flight. */
  limit(now: number): number {
    if (this.#state === 'flowing') return Number.POSITIVE_INFINITY;
    if (this.#state === 'resting' && now >= this.#until) this.#state = 'probing';
    return this.#state === 'probing' ? 1 : 0;
  }

  /** The destination asked for it, or cannot be called. True when a rest begins that is shorter than that. */
  rest(now: number, ms: number): boolean {
    const until = now + Math.min(ms, LONGEST_ASKED_MS);
    const begins = this.#state !== 'resting';
    this.#until = begins ? until : Math.max(this.#until, until);
    this.#state = 'resting';
    return begins && ms > LONGEST_ASKED_MS;
  }

  succeeded(): void {
    if (this.#failures === 0 && this.#state === 'flowing') return;
    this.#failures = 0;
    this.#lanes.clear();
    this.#tripped = false;
    this.#state = 'flowing';
    this.#restMs = FIRST_REST_MS;
  }

  /** Whether the failure trips the gate. */
  failed(now: number, lane: string): boolean {
    if (this.#tripped) {
      if (this.#state !== 'probing') return false;
      this.#restMs = Math.min(this.#restMs * 2, LONGEST_REST_MS);
      this.rest(now, this.#restMs);
      return false;
    }
    // It answers, if badly: that is for its event to bear.
    if (this.#state === 'probing') this.#state = 'flowing';
    this.#failures++;
    if (this.#lanes.size < TRIP_LANES) this.#lanes.add(lane);
    if (this.#failures < TRIP_FAILURES || this.#lanes.size < TRIP_LANES) return false;
    this.#tripped = true;
    this.rest(now, this.#restMs);
    return true;
  }
}
