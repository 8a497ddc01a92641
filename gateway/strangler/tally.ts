// What was seen of a feature since it stands where it stands: requests, failures and latencies of both sides, and comparisons.
import type { Difference } from './compare-answers.ts';
import { noteOf } from './difference-note.ts';
import { createLatencies, type Percentiles } from './latencies.ts';
import { maskPath, maskPointer, maskValue } from './mask.ts';
import { createWindowCounts } from './window-counts.ts';

export type Side = 'legacy' | 'new';

export interface SideReport {
  readonly requests: number;
  readonly failed: number;
  /** Milliseconds from sending the request to the end of the answer. */
  readonly latency: Percentiles | undefined;
}

/** Why a request was not compared. */
export type Skip = 'unsafe' | 'busy' | 'too-large' | 'no-answer' | 'partial' | 'encoding';

export interface Example {
  /** Milliseconds since 1970-01-01T00:00:00Z, of the newest. */
  readonly at: number;
  /** How many requests differed in these places. */
  readonly count: number;
  readonly method: string;
  /** Without its query, and with what is not literal in the route masked. */
  readonly path: string;
  readonly traceId: string;
  /** Values are masked: letters are `a` or `A`, digits `0`. */
  readonly differences: readonly {
    readonly at: string;
    readonly legacy: string;
    readonly new: string;
    /** How they differ, where that cannot be seen. */
    readonly note?: string;
  }[];
}

export interface ShadowReport {
  readonly compared: number;
  readonly mismatched: number;
  readonly skipped: Readonly<Partial<Record<Skip, number>>>;
  readonly examples: readonly Example[];
  /** Places where legacy differed from itself, with how often; candidates for `ignore`. */
  readonly noise: Readonly<Record<string, number>>;
}

/** What an example is made from. */
export interface Compared {
  readonly method: string;
  readonly path: string;
  readonly pattern: string;
  readonly traceId: string;
  readonly now: number;
}

export type Counted = 'requests' | 'failed' | 'compared' | 'mismatched';

const MAX_EXAMPLES = 20;
const MAX_NOISE = 50;

export type Tally = ReturnType<typeof createTally>;

/** `windowMs`: what promotion looks at; 0 when nothing promotes. Moments are of a monotonic clock. */
export function createTally(windowMs: number) {
  const sides = { legacy: createSide(), new: createSide() };
  const window =
    windowMs > 0 ? createWindowCounts(['requests', 'failed', 'compared', 'mismatched'], windowMs) : undefined;
  const skipped: Partial<Record<Skip, number>> = {};
  const examples = new Map<string, Example>();
  const noise = new Map<string, number>();
  let compared = 0;
  let mismatched = 0;
  return {
    answered(side: Side, failed: boolean, ms: number, moment: number): void {
      sides[side].add(failed, ms);
      if (side === 'legacy') return;
      window?.add('requests', moment);
      if (failed) window?.add('failed', moment);
    },
    compared(equal: boolean, moment: number): void {
      compared++;
      window?.add('compared', moment);
      if (equal) return;
      mismatched++;
      window?.add('mismatched', moment);
    },
    skipped(reason: Skip): void {
      skipped[reason] = (skipped[reason] ?? 0) + 1;
    },
    /** One per set of places: the same difference a thousand times is one finding. */
    example(differences: readonly Difference[], { method, path, pattern, traceId, now }: Compared): void {
      const masked = differences.map(toMasked);
      const key = masked.map(({ at }) => withoutIndexes(at)).join('\n');
      const count = (examples.get(key)?.count ?? 0) + 1;
      if (count === 1 && examples.size >= MAX_EXAMPLES) return;
      examples.set(key, { at: now, count, method, path: maskPath(path, pattern), traceId, differences: masked });
    },
    noisy(differences: readonly Difference[]): void {
      for (const place of new Set(differences.map(({ at }) => withoutIndexes(at)))) {
        if (noise.has(place) || noise.size < MAX_NOISE) noise.set(place, (noise.get(place) ?? 0) + 1);
      }
    },
    /** For requests that legacy cannot be asked twice: whether it was seen to differ from itself there. */
    wasNoisy: (at: string): boolean => noise.has(withoutIndexes(at)),
    /** Within the window. */
    sums: (moment: number): Readonly<Record<Counted, number>> =>
      window?.sums(moment) ?? { requests: 0, failed: 0, compared: 0, mismatched: 0 },
    sides: (): Readonly<Record<Side, SideReport>> => ({ legacy: sides.legacy.report(), new: sides.new.report() }),
    shadow: (): ShadowReport => ({
      compared,
      mismatched,
      skipped: { ...skipped },
      examples: [...examples.values()].sort((one, other) => other.count - one.count),
      noise: Object.fromEntries(
        [...noise].sort(([, one], [, other]) => other - one).map(([place, count]) => [maskPlace(place), count]),
      ),
    }),
  };
}

function createSide() {
  const latencies = createLatencies();
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

/** `/items/3/at` and `/items/4/at` are one finding. */
function withoutIndexes(at: string): string {
  return at.replace(/\/[0-9]+(?=\/|$)/g, '/*');
}

function maskPlace(at: string): string {
  return at.startsWith('/') ? maskPointer(at) : at;
}
