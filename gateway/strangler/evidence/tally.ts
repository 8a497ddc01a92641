// Counts of a feature since its last move: requests, failures and latencies of both sides, and
// comparisons.

import { type Difference, Findings } from '../compare/findings.ts';
import { noteOf } from './difference-note.ts';
import { type Judged, JudgedRequests } from './judged-requests.ts';
import { createLatencyHistogram, type Percentiles } from './latency-histogram.ts';
import { maskPath, maskPointer, maskValue } from './mask.ts';
import { PlaceRates, type PlaceReport, type ReportedRates } from './place-rates.ts';
import { createWindowCounts } from './window-counts.ts';

export type Side = 'legacy' | 'new';

export interface SideReport {
  readonly requests: number;
  readonly failed: number;
  /** Milliseconds from sending the request to the end of the answer. */
  readonly latency: Percentiles | undefined;
}

/** Why a request was not to be compared. */
export type Skip = 'unsafe' | 'busy' | 'no-answer';

/** Why a request could not be compared, though it was to be. */
export type Uncompared = 'too-large' | 'partial' | 'encoding' | 'binary' | 'normalize' | 'failed';

export interface Example {
  /** Milliseconds since 1970-01-01T00:00:00Z, of the newest. */
  readonly at: number;
  /** How many requests differed in these places. */
  readonly count: number;
  readonly method: string;
  /** Without its query, and with the parts masked that are not literal in the route. */
  readonly path: string;
  readonly trace: string;
  /** Values are masked: letters are `a` or `A`, digits `0`. */
  readonly differences: readonly {
    readonly at: string;
    readonly legacy: string;
    readonly new: string;
    /** How they differ, where that cannot be seen. */
    readonly note?: string;
  }[];
  /** How many more places differed in the newest. */
  readonly more: number;
}

export interface ShadowReport {
  /** Pairs of answers that were compared, those that follow among them. */
  readonly compared: number;
  /** Requests with a difference that is no noise. */
  readonly mismatched: number;
  /** Requests that differ only where legacy differs from itself. */
  readonly masked: number;
  /** Requests for which legacy was asked twice. */
  readonly measured: number;
  readonly uncompared: Readonly<Partial<Record<Uncompared, number>>>;
  readonly skipped: Readonly<Partial<Record<Skip, number>>>;
  readonly examples: readonly Example[];
  /** Places where legacy differed from itself, with how often; candidates for `ignore`. */
  readonly noise: Readonly<Record<string, number>>;
  /** Places where answers differed, the most frequent first. */
  readonly places: readonly PlaceReport[];
  /** Whether there were more places than are told apart: differences at the others all count. */
  readonly placesLeftOut: boolean;
}

/** The source of an example. */
export interface Compared {
  readonly method: string;
  readonly path: string;
  readonly pattern: string;
  readonly trace: string;
  readonly now: number;
}

export type Counted = 'requests' | 'failed' | 'compared' | 'measured' | 'uncompared' | keyof Judged;

const COUNTED = ['requests', 'failed', 'compared', 'measured', 'uncompared'] as const;
const MAX_EXAMPLES = 20;
const MAX_DIFFERENCES = 20;
const MAX_REPORTED = 50;

export type Tally = ReturnType<typeof createTally>;

/**
 * `windowMs`: what promotion looks at; 0 when nothing promotes. Moments are of a monotonic clock.
 */
export function createTally(windowMs: number) {
  const sides = { legacy: createSide(), new: createSide() };
  const window = windowMs > 0 ? createWindowCounts(COUNTED, windowMs) : undefined;
  const rates = new PlaceRates();
  const judged = new JudgedRequests(rates, windowMs);
  const examples = createExamples(rates);
  const skipped: Partial<Record<Skip, number>> = {};
  const uncompared: Partial<Record<Uncompared, number>> = {};
  let compared = 0;
  let measured = 0;
  const couldNot = (reason: Uncompared, moment: number): void => {
    uncompared[reason] = (uncompared[reason] ?? 0) + 1;
    window?.add('uncompared', moment);
  };
  return {
    answered(side: Side, failed: boolean, ms: number, moment: number): void {
      sides[side].add(failed, ms);
      if (side === 'legacy') return;
      window?.add('requests', moment);
      if (failed) window?.add('failed', moment);
    },
    /** `noise`: where legacy differs from itself; undefined when it was not asked twice. */
    compared(found: Findings, noise: Findings | undefined, about: Compared, moment: number): void {
      const unexplained = rates.learn(found, noise);
      if (noise) {
        measured++;
        window?.add('measured', moment);
      }
      // For bytes nobody can say how much of the difference is noise.
      if (found.opaque && unexplained.length === 0) {
        couldNot('binary', moment);
        return;
      }
      compared++;
      window?.add('compared', moment);
      if (found.places.size === 0) return;
      judged.add(unexplained, moment);
      if (unexplained.some(each => rates.weightOf(each) > 0)) examples.add(found, about);
    },
    failed: (about: Compared, legacy: number, fresh: number | 'no answer'): void => {
      const findings = new Findings();
      findings.add('status', legacy, fresh);
      examples.add(findings, about, true);
    },
    skipped(reason: Skip): void {
      skipped[reason] = (skipped[reason] ?? 0) + 1;
    },
    uncompared: couldNot,
    /** Figures on places, for other gateways and from them. */
    rates: (): ReportedRates => rates.told(),
    hear: (others: readonly ReportedRates[]): void => rates.hear(others),
    /** Within the window. */
    sums: (moment: number): Readonly<Record<Counted, number>> => {
      const counts = window?.sums(moment) ?? { requests: 0, failed: 0, compared: 0, measured: 0, uncompared: 0 };
      return { ...counts, ...judged.sums(moment) };
    },
    sides: (): Readonly<Record<Side, SideReport>> => ({ legacy: sides.legacy.report(), new: sides.new.report() }),
    shadow: (): ShadowReport => {
      const places = rates.report().sort((one, other) => other.differs - one.differs || other.noise - one.noise);
      const noisy = places.filter(({ noise }) => noise > 0).sort((one, other) => other.noise - one.noise);
      return {
        compared,
        ...judged.total(),
        measured,
        uncompared: { ...uncompared },
        skipped: { ...skipped },
        examples: examples.report(),
        noise: Object.fromEntries(noisy.slice(0, MAX_REPORTED).map(({ at, noise }) => [maskPlace(at), noise])),
        places: places.slice(0, MAX_REPORTED).map(each => ({ ...each, at: maskPlace(each.at) })),
        placesLeftOut: rates.isFull,
      };
    },
  };
}

interface Kept {
  readonly example: Omit<Example, 'differences'>;
  readonly differences: readonly (Example['differences'][number] & { readonly place: string })[];
  /** A failure: no noise makes it good. */
  readonly sure: boolean;
}

/**
 * One per set of places: the same difference a thousand times is one finding. Places that turn out
 * to be noise later are left out then.
 */
function createExamples(rates: PlaceRates) {
  const examples = new Map<string, Kept>();
  const shownOf = ({ differences, sure }: Kept) => differences.filter(({ place }) => sure || rates.isMismatch(place));
  const makeRoom = (): boolean => {
    if (examples.size < MAX_EXAMPLES) return true;
    for (const [key, kept] of examples) {
      if (shownOf(kept).length > 0) continue;
      examples.delete(key);
      return true;
    }
    return false;
  };
  return {
    add({ places }: Findings, { method, path, pattern, trace, now }: Compared, sure = false): void {
      const differing = [...places].filter(([place]) => sure || rates.isMismatch(place));
      const key = differing.map(([place]) => place).join('\n');
      const known = examples.get(key);
      if (!known && !makeRoom()) return;
      const differences = differing
        .slice(0, MAX_DIFFERENCES)
        .map(([place, { first }]) => ({ place, ...toMasked(first) }));
      const more = differing.length - differences.length;
      const count = (known?.example.count ?? 0) + 1;
      examples.set(key, {
        example: { at: now, count, method, path: maskPath(path, pattern), trace, more },
        differences,
        sure,
      });
    },
    report(): Example[] {
      return [...examples.values()]
        .map(kept => ({ ...kept.example, differences: shownOf(kept).map(({ place: _place, ...shown }) => shown) }))
        .filter(({ differences }) => differences.length > 0)
        .sort((one, other) => other.count - one.count);
    },
  };
}

function createSide() {
  const latencies = createLatencyHistogram();
  let requests = 0;
  let failed = 0;
  return {
    add(hasFailed: boolean, ms: number): void {
      requests++;
      if (hasFailed) failed++;
      latencies.add(ms);
    },
    report: (): SideReport => ({ requests, failed, latency: latencies.percentiles() }),
  };
}

function toMasked({ at, legacy, fresh }: Difference): Example['differences'][number] {
  if (at === 'status') return { at, legacy: String(legacy), new: String(fresh) };
  const note = noteOf(legacy, fresh);
  return { at: maskPlace(at), legacy: maskValue(legacy), new: maskValue(fresh), ...(note && { note }) };
}

function maskPlace(at: string): string {
  return at.startsWith('/') ? maskPointer(at) : at;
}
