// Counts the compared requests that differ, by present knowledge: a request whose differences turn
// out to be noise later does not count.
import type { PlaceRates, Unexplained } from './place-rates.ts';
import { createWindowCounts, type WindowCounts } from './window-counts.ts';

export interface Judged {
  /** Requests with a difference that is no noise. */
  readonly mismatched: number;
  /** Requests that differ only where legacy differs from itself. */
  readonly masked: number;
}

interface Kind {
  readonly places: readonly Unexplained[];
  total: number;
  readonly window: WindowCounts<'seen'> | undefined;
}

/**
 * Requests that differ at other places than these many sets of them are judged
 * when they come, once for all.
 */
const MAX_KINDS = 256;

export class JudgedRequests {
  readonly #kinds = new Map<string, Kind>();
  readonly #rates: PlaceRates;
  readonly #windowMs: number;
  readonly #sureWindow: WindowCounts<'mismatched' | 'masked'> | undefined;
  readonly #sure = { mismatched: 0, masked: 0 };

  constructor(rates: PlaceRates, windowMs: number) {
    this.#rates = rates;
    this.#windowMs = windowMs;
    this.#sureWindow = windowMs > 0 ? createWindowCounts(['mismatched', 'masked'], windowMs) : undefined;
  }

  /** A request that differs; `places`: what its own noise does not explain. */
  add(places: readonly Unexplained[], moment: number): void {
    const key = places
      .map(({ key: place, measured }) => `${measured ? '' : '?'}${place}`)
      .sort()
      .join('\u0000');
    const known = this.#kinds.get(key);
    if (places.length === 0 || (!known && this.#kinds.size >= MAX_KINDS)) {
      this.#decide(this.#weigh(places) > 0 ? 'mismatched' : 'masked', moment);
      return;
    }
    const kind = known ?? {
      places,
      total: 0,
      window: this.#windowMs > 0 ? createWindowCounts(['seen'], this.#windowMs) : undefined,
    };
    if (!known) this.#kinds.set(key, kind);
    kind.total++;
    kind.window?.add('seen', moment);
  }

  total(): Judged {
    return this.#sum(this.#sure, ({ total }) => total);
  }

  /** Within the window. */
  sums(moment: number): Judged {
    const sure = this.#sureWindow?.sums(moment) ?? { mismatched: 0, masked: 0 };
    return this.#sum(sure, ({ window }) => window?.sums(moment).seen ?? 0);
  }

  #sum(sure: Judged, countOf: (kind: Kind) => number): Judged {
    let { masked } = sure;
    let part = 0;
    for (const kind of this.#kinds.values()) {
      const count = countOf(kind);
      const weight = this.#weigh(kind.places);
      part += count * weight;
      masked += count * (1 - weight);
    }
    // For a place with noise only the share of requests that are no noise is known, so sums of them
    // are rounded.
    const more = Math.ceil(part - 1e-9);
    return { mismatched: sure.mismatched + more, masked: Math.max(0, Math.round(masked + part - more)) };
  }

  #decide(as: keyof Judged, moment: number): void {
    this.#sure[as]++;
    this.#sureWindow?.add(as, moment);
  }

  #weigh(places: readonly Unexplained[]): number {
    return places.reduce((most, place) => Math.max(most, this.#rates.weightOf(place)), 0);
  }
}
