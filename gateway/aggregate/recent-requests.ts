// Remembers the newest and the slowest requests of an Aggregate: the times and outcomes of their
// parts, and nothing of what they carried. It outlives the plan.
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { Part } from './part.ts';
import type { PartResult } from './part-result.ts';
import type { PartsRun } from './parts-run.ts';

export const NEWEST_KEPT = 100;
export const SLOWEST_KEPT = 10;
/** So long a slow request counts among the slowest, milliseconds. */
export const SLOWEST_FOR_MS = 60 * 60_000;

/** A part as its requests refer to it. A `Part` would keep the targets of an old plan in memory. */
export interface PartPlace {
  readonly name: string;
  /** Places of the parts that it waits for. */
  readonly waitsFor: readonly number[];
}

export function toPartPlaces(parts: readonly Part[]): readonly PartPlace[] {
  return parts.map(({ name, inputs, conditions }) => ({ name, waitsFor: [...inputs, ...conditions] }));
}

type TimedParts = Pick<PartsRun, 'results' | 'begunAt' | 'settledAt' | 'hedged'>;

/** One request, from when it came; filled while it goes on. A class, as there is one for each. */
export class RecentRequest {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly trace: string;
  readonly parts: readonly PartPlace[];
  /** This and all times below are by the monotonic clock. */
  readonly cameAt: number;
  /** Undefined: it ended before. */
  partsDoneAt: number | undefined;
  endedAt = 0;
  /** Status of the answer; undefined without one. */
  status: number | undefined;
  /** The error in place of an answer. */
  code: string | undefined;
  results: readonly (PartResult | undefined)[] = [];
  /** NaN for a part that was not called. */
  begunAt: readonly number[] = [];
  /** NaN for a part without a result. */
  settledAt: readonly number[] = [];
  /** A bit for each part that was called a second time as the first call was slow. */
  hedged = 0;

  constructor(world: World, trace: string, parts: readonly PartPlace[]) {
    this.at = world.now();
    this.cameAt = world.monotonic();
    this.trace = trace;
    this.parts = parts;
  }

  get tookMs(): number {
    return this.endedAt - this.cameAt;
  }

  failed(error: unknown): void {
    this.status = error instanceof TenfoldError ? error.status : 500;
    this.code = error instanceof TenfoldError ? error.code : 'internal';
  }

  /** `isLate`: since its time was over. */
  ended(at: number, { results, begunAt, settledAt, hedged }: TimedParts, isLate: boolean): void {
    this.endedAt = at;
    if (this.status === undefined && isLate) this.failed(new TenfoldError('timeout', 'No answer in time.'));
    this.results = results;
    this.begunAt = begunAt;
    this.settledAt = settledAt;
    this.hedged = hedged;
  }
}

export class RecentRequests {
  readonly #ring: RecentRequest[] = [];
  /** The slowest first. */
  #slowest: RecentRequest[] = [];
  #next = 0;
  /** When one of the slowest is too old, milliseconds since 1970. */
  #staleAt = Number.POSITIVE_INFINITY;

  add(request: RecentRequest): void {
    this.#ring[this.#next] = request;
    this.#next = (this.#next + 1) % NEWEST_KEPT;
    this.#forgetBefore(request.at - SLOWEST_FOR_MS);
    const last = this.#slowest.at(SLOWEST_KEPT - 1);
    if (last !== undefined && last.tookMs >= request.tookMs) return;
    const place = this.#slowest.findIndex(({ tookMs }) => tookMs < request.tookMs);
    this.#slowest.splice(place === -1 ? this.#slowest.length : place, 0, request);
    this.#slowest.length = Math.min(this.#slowest.length, SLOWEST_KEPT);
    this.#staleAt = Math.min(this.#staleAt, request.at + SLOWEST_FOR_MS);
  }

  /** The newest first. */
  newest(): readonly RecentRequest[] {
    const { length } = this.#ring;
    return this.#ring
      .map((_, index) => this.#ring[(this.#next - 1 - index + length) % length])
      .flatMap(one => one ?? []);
  }

  /** The slowest first, of the hour before `now`. */
  slowest(now: number): readonly RecentRequest[] {
    this.#forgetBefore(now - SLOWEST_FOR_MS);
    return this.#slowest;
  }

  #forgetBefore(at: number): void {
    if (this.#staleAt > at + SLOWEST_FOR_MS) return;
    this.#slowest = this.#slowest.filter(one => one.at > at);
    this.#staleAt = Math.min(Number.POSITIVE_INFINITY, ...this.#slowest.map(one => one.at + SLOWEST_FOR_MS));
  }
}
