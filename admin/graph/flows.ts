// Rates from totals that are looked at now and then.
import { toTimestamp } from '../../core/world.ts';
import type { GraphFlow } from './graph-view.ts';

interface Sample {
  readonly at: number;
  readonly total: number;
  readonly errors: number;
}

/** Rates are of one to two of these, where somebody looks as often. */
const SPAN_MS = 60_000;
const SHORTEST_MS = 1_000;

export class Flows {
  #samples = new Map<string, { readonly base: Sample; readonly next: Sample }>();
  #seen = new Map<string, { readonly base: Sample; readonly next: Sample }>();

  observe(key: string, { at, total, errors }: Sample, covers: GraphFlow['covers']): GraphFlow {
    const now = { at, total, errors };
    const found = this.#samples.get(key);
    // A process that has started anew begins at 0.
    const isAnew = found === undefined || total < found.next.total || errors < found.next.errors;
    const before = isAnew ? { base: now, next: now } : found;
    const samples = at - before.next.at >= SPAN_MS ? { base: before.next, next: now } : before;
    this.#seen.set(key, samples);
    const ms = at - samples.base.at;
    if (ms < SHORTEST_MS) return { total, errors, covers };
    return {
      total,
      errors,
      perSecond: ((total - samples.base.total) * 1000) / ms,
      errorsPerSecond: ((errors - samples.base.errors) * 1000) / ms,
      since: toTimestamp(samples.base.at),
      covers,
    };
  }

  /** Forgets what was not looked at since the last call. */
  round(): void {
    this.#samples = this.#seen;
    this.#seen = new Map();
  }
}
