// Rates for each place where answers differ: how often the new side differs from legacy there, and
// legacy from itself.
import { createHash } from 'node:crypto';
import { BEYOND, type Finding, type Findings } from '../compare/findings.ts';

/**
 * Legacy is asked twice, the new side once, all for one request. If the new side were one more
 * legacy, either further answer would differ from the first one in more values as often as the
 * other. So only requests in which one does so count (McNemar's test).
 */
interface Rate {
  /** The same in all gateways. */
  readonly hash: string;
  /** Requests in which the new side differs from legacy in more values than legacy from itself. */
  more: number;
  /** The other way round. */
  less: number;
  /** Requests in which the new side differs, older ones halved as those above are. */
  recent: number;
  /** The same of all. */
  differs: number;
  /** Requests in which legacy differs from itself. */
  noise: number;
}

/**
 * The report on places between gateways: for each, by a hash of it, the counts `more`, `less`,
 * `recent`, `differs` and `noise`. Members of answers may
 * be called after people, so no name leaves the gateway.
 */
export type ReportedRates = Readonly<Record<string, readonly [number, number, number, number, number]>>;

export interface PlaceReport {
  readonly at: string;
  /**
   * Requests in which the new side differs from legacy there, and in which
   * legacy differs from itself.
   */
  readonly differs: number;
  readonly noise: number;
  readonly verdict: 'mismatch' | 'noise';
}

/**
 * One place of one request where the new side differs, and whether this
 * request's own noise explains it.
 */
export interface Unexplained {
  /** The place; with FORM behind it for differences of form alone. */
  readonly key: string;
  /** Whether legacy was asked twice for this request. */
  readonly measured: boolean;
}

/** Places that are not learned for want of room differ for good. */
const MAX_PLACES = 1000;
/** So many standard deviations more than noise is no chance, however often it is looked at. */
const SIGNIFICANT = 4;
/** Older requests count half once so many new ones have come: what changes shows soon. */
const HALVED_AT = 2048;
const FORM = '\n';
const NOTHING = [0, 0, 0, 0, 0] as const;

export class PlaceRates {
  readonly #rates = new Map<string, Rate>();
  /** The reports of other gateways. */
  #others: readonly ReportedRates[] = [];
  #full = false;

  /**
   * Learns from one request, and returns the differences that its own noise does not explain.
   * `noise`: where legacy differs from itself; undefined when it was not asked twice.
   */
  learn(found: Findings, noise: Findings | undefined): Unexplained[] {
    const unexplained: Unexplained[] = [];
    const places = new Set([...found.places.keys(), ...(noise?.places.keys() ?? [])]);
    for (const place of places) {
      const [ours, theirs] = [found.places.get(place), noise?.places.get(place)];
      for (const [key, amount] of [
        [place, ({ count }: Finding) => count],
        [place + FORM, ({ forms }: Finding) => forms],
      ] as const) {
        const differs = ours ? amount(ours) : 0;
        const own = theirs ? amount(theirs) : 0;
        if (differs === 0 && own === 0) continue;
        this.#count(key, differs, noise && own);
        if (differs > own) unexplained.push({ key, measured: noise !== undefined });
      }
    }
    return unexplained;
  }

  /**
   * How much of a difference at a place is more than noise, 0 to 1. 1 where legacy
   * never differed from itself.
   */
  weightOf({ key, measured }: Unexplained): number {
    const own = this.#rates.get(key);
    const rate = own && this.#pooled(own);
    const isForm = key.endsWith(FORM);
    // When legacy never differs from itself at a place, each difference there is real. A form of
    // its own may be chance once.
    if (!rate || key.startsWith(BEYOND) || (rate.noise === 0 && !isForm)) return 1;
    const excess = rate.more - rate.less;
    if (excess <= SIGNIFICANT * Math.sqrt(rate.more + rate.less)) return 0;
    // Differences that this request's noise explains were already taken off where noise was
    // measured.
    return excess / (measured ? rate.more : Math.max(rate.recent, rate.more));
  }

  /**
   * For other gateways: noise of one is noise of all, and chance in each may be significant in all
   * of them together.
   */
  told(): ReportedRates {
    return Object.fromEntries(
      [...this.#rates.values()].map(({ hash, more, less, recent, differs, noise }) => [
        hash,
        [more, less, recent, differs, noise],
      ]),
    );
  }

  hear(others: readonly ReportedRates[]): void {
    this.#others = others;
  }

  #pooled(own: Rate): Rate {
    const sum = { ...own };
    for (const rates of this.#others) {
      const [more, less, recent, differs, noise] = rates[own.hash] ?? NOTHING;
      sum.more += more;
      sum.less += less;
      sum.recent += recent;
      sum.differs += differs;
      sum.noise += noise;
    }
    return sum;
  }

  /** A difference at this place, whatever its form. */
  isMismatch(place: string): boolean {
    const known = [place, place + FORM].filter(key => this.#rates.has(key));
    return known.length === 0 || known.some(key => this.weightOf({ key, measured: true }) > 0);
  }

  /** Whether places have come that there was no room for. */
  get isFull(): boolean {
    return this.#full;
  }

  report(): PlaceReport[] {
    return [...this.#rates].flatMap(([at, { differs, noise }]): PlaceReport[] =>
      at.endsWith(FORM) ? [] : [{ at, differs, noise, verdict: this.isMismatch(at) ? 'mismatch' : 'noise' }],
    );
  }

  #count(key: string, differs: number, own: number | undefined): void {
    const rate = this.#rates.get(key) ?? { hash: hashOf(key), more: 0, less: 0, recent: 0, differs: 0, noise: 0 };
    if (!this.#rates.has(key)) {
      if (this.#rates.size >= 2 * MAX_PLACES) {
        this.#full = true;
        return;
      }
      this.#rates.set(key, rate);
    }
    if (differs > 0) {
      rate.differs++;
      rate.recent++;
    }
    if (own === undefined) return;
    if (own > 0) rate.noise++;
    if (differs > own) rate.more++;
    if (differs < own) rate.less++;
    if (rate.more + rate.less < HALVED_AT) return;
    rate.more /= 2;
    rate.less /= 2;
    rate.recent /= 2;
  }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 16);
}
