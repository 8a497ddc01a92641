// The circuit breaker of a consumer. It decides whether calls may be made: all, a few that test
// whether the target is back, or none for a while.
import { LONGEST_ASKED_MS } from '../../../core/retry/retry-after.ts';

/**
 * The target is down when so many different events in a row got no answer, and no other event got
 * one.
 */
export const MANY_EVENTS = 5;
const FIRST_REST_MS = 1000;
/** How soon the breaker notices that a target is back. */
const LONGEST_REST_MS = 5000;
/**
 * Pauses are asked for by single events when an event asked again so often in a row though others
 * were answered since.
 */
const MANY_ALONE = 3;
/** Calls of one round, which test whether the target is back or answers other events. */
const MOST_PROBES = 64;
/**
 * A round may hold this many calls for each second of the pause that the target asked for. Without
 * that, long pauses would hold up events behind many others that ask for pauses.
 */
const PROBES_A_SECOND = 16;
/** How many of them may be retried events. */
const MOST_AGAIN = 8;

export interface Unanswered {
  /** Name of the event. */
  readonly event: string;
  /** The event was handed over, so it may itself be the reason. */
  readonly delivered: boolean;
  /** Nothing else could be tried at this moment. */
  readonly alone: boolean;
  /** How long the target is known to be away, milliseconds. */
  readonly afterMs?: number;
}

export class CircuitBreaker {
  #state: 'flowing' | 'resting' = 'flowing';
  #open = false;
  #until = 0;
  #restMs = FIRST_REST_MS;
  /** A round of test calls has begun since the rest. */
  #looks = false;
  /** Calls of this round that have begun, and its limit. */
  #begun = 0;
  #probes = 0;
  /** The limit of the next round, and of each round. */
  #width = 1;
  #most = MOST_PROBES;
  #delivered = false;
  #answers = 0;
  /**
   * Repeated pauses while others were answered, since an event that had asked was answered itself.
   */
  #alone = 0;
  /** A pause of this round was counted there. */
  #counted = false;
  /** Pauses since the last answer, or the last round. */
  #asked = 0;
  /** The target asked for longer than it is left alone. */
  #long = false;
  /** Events without an answer since the last answer, as many as count. */
  readonly #unanswered = new Set<string>();

  get isFlowing(): boolean {
    return this.#state === 'flowing';
  }

  /** The target counts as down: it answers nothing and gets only a few calls. */
  get tripped(): boolean {
    return this.#open;
  }

  /** Many different events got no answer, so none of them is the reason. */
  get isSure(): boolean {
    return this.#open && this.#unanswered.size >= MANY_EVENTS;
  }

  /** Perhaps only the tried events get no answer, so others are to be tried as well. */
  get seeksOthers(): boolean {
    return this.#state === 'resting' && (!this.#open || this.#delivered);
  }

  /** Single events ask for pauses, and mean only themselves. */
  get meansSingles(): boolean {
    return this.#alone >= MANY_ALONE;
  }

  /** How often the target has answered, even with an error. */
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

  /**
   * The next call should be of a new event. A few retried events a round are enough, and a single
   * one where the target asked for a pause.
   */
  get wantsNew(): boolean {
    return this.#begun >= (this.#open ? MOST_AGAIN : 1);
  }

  /**
   * The next call should be of an event that asked for a pause. Whether it asks again after the
   * pause shows what is meant. Not where a single call a minute is all.
   */
  get wantsOld(): boolean {
    return !this.#open && !this.#long && this.#begun === 0;
  }

  /** A call has begun, one of those that `allows` gave. */
  began(): void {
    this.#begun++;
  }

  /**
   * Rounds go by time alone, not by the outcome of their calls: one long call must not hold up the
   * others. Each round tries more new events, as perhaps only the first ones get no answer.
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

  /**
   * The destination asked for a pause. `again`: the event had asked before, and others were
   * answered since. True when a rest begins that is shorter than the pause.
   */
  asked(now: number, ms: number, again = false): boolean {
    const isFlowing = this.#state === 'flowing';
    // Counts once a round, whichever of its calls is answered first, as others of that moment say
    // the same.
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
    // The target was left alone as long as it asked and now asks again. It may mean single events
    // only. Each round tries more new events, until it has tried all.
    if (!this.#open) this.#most = Math.max(MOST_PROBES, Math.floor((ms * PROBES_A_SECOND) / 1000));
    return this.#extend(now, ms);
  }

  /** An event that had asked for a pause was answered after it, so the pause was meant for all. */
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

  /**
   * The target answered, so it is not down. `well`: with a success. Returns whether it counted as
   * down until now.
   */
  answered(well: boolean): boolean {
    this.#answers++;
    this.#asked = 0;
    if (this.#unanswered.size > 0) this.#unanswered.clear();
    const wasOpen = this.#open;
    // A rest that the target asked for goes on, unless a call got through.
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
