// The circuit breaker of a consumer: whether calls may be made: all, a few that look whether the target is back, or none for a while.

/** So many different events in a row that the target did not answer, and not one answer: it is down, whatever the events are like. */
export const MANY_EVENTS = 5;
const FIRST_REST_MS = 1000;
/** How soon a target that is back is noticed. */
const LONGEST_REST_MS = 5000;
/** So often in a row an event asked for a pause again though others were answered since: pauses are asked for by single events. */
const MANY_ALONE = 3;
/** One answer holds up all keys: after so long a single call sees whether it still holds, whatever was asked for. */
const LONGEST_ASKED_MS = 60_000;
/** Calls of one round that look whether the target is back, or answers other events. */
const MOST_PROBES = 64;
/** Where a pause is asked for there may be as many as this for each second of it: or long pauses would hold up those behind many events that ask. */
const PROBES_A_SECOND = 16;
/** So many of them may be of events that were tried before. */
const MOST_AGAIN = 8;

export interface Unanswered {
  /** Names the event. */
  readonly event: string;
  /** It was handed over, so that the event itself may be the reason. */
  readonly delivered: boolean;
  /** There is nothing else at this moment that could be tried instead. */
  readonly alone: boolean;
  /** How long the target is known to be away, milliseconds. */
  readonly afterMs?: number;
}

export class Gate {
  #state: 'flowing' | 'resting' = 'flowing';
  #open = false;
  #until = 0;
  #restMs = FIRST_REST_MS;
  /** A round of calls that look has begun since the rest. */
  #looks = false;
  /** Calls of this round that have begun, and that may. */
  #begun = 0;
  #probes = 0;
  /** How many the next round may have, and each. */
  #width = 1;
  #most = MOST_PROBES;
  #delivered = false;
  #answers = 0;
  /** Pauses that were asked for again while others were answered, since an event that had asked was answered itself. */
  #alone = 0;
  /** One of this round was counted there. */
  #counted = false;
  /** Pauses that were asked for since the last answer, or the last round. */
  #asked = 0;
  /** More was asked for than the target is left alone. */
  #long = false;
  /** Events without an answer since the last answer, as many as count. */
  readonly #unanswered = new Set<string>();

  get isFlowing(): boolean {
    return this.#state === 'flowing';
  }

  /** The target is taken to be down: it answers nothing, and is left alone but for a few calls. */
  get tripped(): boolean {
    return this.#open;
  }

  /** That is so for many different events: none of them is the reason. */
  get isSure(): boolean {
    return this.#open && this.#unanswered.size >= MANY_EVENTS;
  }

  /** It may be that only those events say so that were tried: others are to be tried as well. */
  get seeksOthers(): boolean {
    return this.#state === 'resting' && (!this.#open || this.#delivered);
  }

  /** Pauses are asked for by single events, and mean only these. */
  get meansSingles(): boolean {
    return this.#alone >= MANY_ALONE;
  }

  /** How often the target has answered, if badly. */
  get answers(): number {
    return this.#answers;
  }

  /** When the next round of calls may begin, by the monotonic clock. */
  get until(): number {
    return this.#until;
  }

  /** How many more calls may begin now. */
  allows(now: number): number {
    if (this.#state === 'flowing') return Number.POSITIVE_INFINITY;
    if (now >= this.#until) this.#nextRound(now);
    return this.#probes - this.#begun;
  }

  /** The next call is to be of an event that was not tried yet: of others a few a round are enough, and one where a pause was asked for. */
  get wantsNew(): boolean {
    return this.#begun >= (this.#open ? MOST_AGAIN : 1);
  }

  /** The next call is to be of an event that asked for a pause: whether it asks again though it was kept tells what is meant. Not where a single call a minute is all. */
  get wantsOld(): boolean {
    return !this.#open && !this.#long && this.#begun === 0;
  }

  /** A call has begun, of those that `allows` told. */
  began(): void {
    this.#begun++;
  }

  /**
   * By time alone, not by what becomes of its calls: one that takes long must not hold up the others. Each round tries more events that are new: it may
   * be that only those in front are not answered.
   */
  #nextRound(now: number): void {
    this.#looks = true;
    this.#counted = false;
    this.#asked = 0;
    this.#begun = 0;
    this.#probes = this.#width;
    this.#width = Math.min(this.#width * 2, this.#most);
    this.#restMs = Math.min(this.#restMs * 2, LONGEST_REST_MS);
    this.#until = now + this.#restMs;
  }

  /** The destination asked for it; `again`: for an event that it asked for before, and others were answered since. True when a rest begins that is shorter than that. */
  asked(now: number, ms: number, again = false): boolean {
    const isFlowing = this.#state === 'flowing';
    // Once a round, as others of that moment say the same; whichever of its calls is answered first.
    if (again && (isFlowing || !this.#counted)) {
      this.#alone++;
      this.#counted = true;
    }
    this.#asked++;
    this.#long = ms > LONGEST_ASKED_MS;
    // As many may ask in a row as the next round would try.
    if (isFlowing && this.meansSingles && this.#asked < this.#width) return false;
    this.#restMs = FIRST_REST_MS;
    if (this.#long && !this.meansSingles) this.#width = 1;
    if (isFlowing || this.#long) return this.#rest(now, ms);
    // Who was left alone for as long as was asked, and asks again, may ask for single events only: each round tries more that are new, and goes on until it has tried all.
    if (!this.#open) this.#most = Math.max(MOST_PROBES, Math.floor((ms * PROBES_A_SECOND) / 1000));
    return this.#extend(now, ms);
  }

  /** An event that had asked for a pause was answered after it: so it was for all. */
  kept(): void {
    this.#alone = 0;
    this.#width = 1;
  }

  #rest(now: number, ms: number): boolean {
    const isLonger = this.#extend(now, ms);
    this.#begun = 0;
    this.#probes = 0;
    return isLonger;
  }

  #extend(now: number, ms: number): boolean {
    const begins = this.#state === 'flowing' || this.#looks;
    const until = now + Math.min(ms, LONGEST_ASKED_MS);
    this.#until = begins ? until : Math.max(this.#until, until);
    this.#state = 'resting';
    this.#looks = false;
    return begins && ms > LONGEST_ASKED_MS;
  }

  /** The target answered: it is not down. `well`: with a success. Whether it was taken to be down until now. */
  answered(well: boolean): boolean {
    this.#answers++;
    this.#asked = 0;
    if (this.#unanswered.size > 0) this.#unanswered.clear();
    const wasOpen = this.#open;
    // A rest that was asked for goes on, unless a call got through.
    if (well || wasOpen || this.#looks) {
      this.#state = 'flowing';
      this.#open = false;
    }
    return wasOpen;
  }

  /** Whether the breaker opens by it. */
  unanswered(now: number, { event, delivered, alone, afterMs = 0 }: Unanswered): boolean {
    if (this.#unanswered.size < MANY_EVENTS) this.#unanswered.add(event);
    this.#delivered = delivered;
    if (this.#open) {
      if (afterMs > LONGEST_REST_MS) this.#rest(now, afterMs);
      return false;
    }
    if (this.#unanswered.size < MANY_EVENTS && !alone) return false;
    this.#open = true;
    this.#restMs = FIRST_REST_MS;
    this.#width = 1;
    this.#most = MOST_PROBES;
    this.#rest(now, Math.max(FIRST_REST_MS, afterMs));
    return true;
  }
}
