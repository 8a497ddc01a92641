// A circuit breaker as a state machine over time: counts outcomes in a sliding
// window, opens, probes, closes.
import type { BreakerEvidence, BreakerState, BreakerView } from '../../plan/instruments.ts';

/** As in resources, durations in milliseconds. */
export interface BreakerSettings {
  /** Share of failed calls in the window at which it opens, 0 to 1. */
  readonly errorRate: number;
  readonly window: number;
  /** Calls that the window must hold before it may open. */
  readonly minimum: number;
  /** How long it stays open. */
  readonly open: number;
  /** Calls let through at a time while it tries whether the target is back. */
  readonly probes: number;
}

/** How a call may go: in the usual way, as a probe, or not at all. */
export type Passage = 'free' | 'probe' | { readonly retryInMs: number };

const BUCKETS = 10;

/**
 * It holds counts and no settings, so that a changed resource takes effect
 * at once and loses nothing.
 */
export class Breaker implements BreakerView {
  readonly #ok = new Array<number>(BUCKETS).fill(0);
  readonly #failed = new Array<number>(BUCKETS).fill(0);
  #slot = 0;
  #state: BreakerState = 'closed';
  #openUntil = 0;
  #probing = 0;
  /** Since the start, for metrics. */
  opened = 0;
  refused = 0;

  get state(): BreakerState {
    return this.#state;
  }

  /** Milliseconds for which calls are still refused; 0 when one may go. */
  refusesFor(now: number): number {
    if (this.#state !== 'open' || now >= this.#openUntil) return 0;
    this.refused++;
    return this.#openUntil - now;
  }

  /** Milliseconds for which it lets no call through, for who looks and calls nobody. */
  opensInMs(now: number): number {
    return this.#state === 'open' ? Math.max(0, this.#openUntil - now) : 0;
  }

  enter(now: number, settings: BreakerSettings): Passage {
    if (this.#state === 'closed') return 'free';
    if (this.#state === 'open') {
      const retryInMs = this.refusesFor(now);
      if (retryInMs > 0) return { retryInMs };
      this.#state = 'half-open';
      this.#probing = 0;
    }
    if (this.#probing >= settings.probes) {
      this.refused++;
      return { retryInMs: 1000 };
    }
    this.#probing++;
    return 'probe';
  }

  /** Answers with the evidence when this failure opened it. */
  failed(now: number, settings: BreakerSettings, passage: Passage): BreakerEvidence | undefined {
    if (passage === 'probe') {
      if (this.#state !== 'half-open') return undefined;
      return this.#open(now, settings, { calls: 1, failed: 1 });
    }
    const slot = this.#turn(now, settings);
    this.#failed[slot] = (this.#failed[slot] ?? 0) + 1;
    // Calls that began before it opened may still fail; they say nothing new.
    if (this.#state !== 'closed') return undefined;
    const evidence = this.evidence;
    if (evidence.calls < settings.minimum || evidence.failed / evidence.calls < settings.errorRate) return undefined;
    return this.#open(now, settings, evidence);
  }

  /** Whether this success closed it. */
  succeeded(now: number, settings: BreakerSettings, passage: Passage): boolean {
    if (passage === 'probe') {
      if (this.#state !== 'half-open') return false;
      this.#state = 'closed';
      this.#ok.fill(0);
      this.#failed.fill(0);
      return true;
    }
    const slot = this.#turn(now, settings);
    this.#ok[slot] = (this.#ok[slot] ?? 0) + 1;
    return false;
  }

  /** The call ended without telling anything of the target, e.g. since its client left. */
  abandoned(passage: Passage): void {
    if (passage === 'probe' && this.#state === 'half-open') this.#probing--;
  }

  /** The outcomes in the window. */
  get evidence(): BreakerEvidence {
    let failed = 0;
    let ok = 0;
    for (let slot = 0; slot < BUCKETS; slot++) {
      failed += this.#failed[slot] ?? 0;
      ok += this.#ok[slot] ?? 0;
    }
    return { calls: ok + failed, failed };
  }

  #open(now: number, settings: BreakerSettings, evidence: BreakerEvidence): BreakerEvidence {
    this.#state = 'open';
    this.#openUntil = now + settings.open;
    this.opened++;
    this.#ok.fill(0);
    this.#failed.fill(0);
    return evidence;
  }

  /** Empties the buckets that time has left behind, and answers with the current one. */
  #turn(now: number, settings: BreakerSettings): number {
    const slot = Math.floor(now / (settings.window / BUCKETS));
    const passed = slot - this.#slot;
    // Another window than before has other buckets: it begins anew.
    if (passed < 0 || passed >= BUCKETS) {
      this.#ok.fill(0);
      this.#failed.fill(0);
    } else {
      for (let step = 0; step < passed; step++) {
        this.#ok[(slot - step) % BUCKETS] = 0;
        this.#failed[(slot - step) % BUCKETS] = 0;
      }
    }
    this.#slot = slot;
    return slot % BUCKETS;
  }
}
