// Counts requests by key over all gateways. It takes from buckets in the store, a few ahead for
// busy keys, so that most requests are answered at once.
import type { World } from '../../core/world.ts';
import type { BucketClient, Taken } from './bucket-client.ts';
import type { RateDecision, RateLimit, RateLimiter } from './rate-limiter.ts';

export interface SharedLimiterInit {
  readonly world: World;
  readonly limit: RateLimit;
  readonly bucketClient: BucketClient;
  /** Prefix of the names of its buckets. */
  readonly mark: string;
  /** Decides while the store does not: the whole limit for this process. */
  readonly alone: RateLimiter;
}

/** Permits taken ahead last so long; a permit that is not used by then is lost to its key. */
const AHEAD_MS = 100;
/**
 * At most this part of a burst is taken ahead, so that the rest is there for the other gateways.
 */
const AHEAD_PART = 0.1;
/**
 * At most as many are taken ahead as come back in this time: of forty in an hour none may be lost.
 */
const COMES_BACK_MS = 1000;
/** Known keys of one generation; those not met for one are asked for anew. */
const GENERATION_MS = 2_000;
const MAX_KEYS = 50_000;

interface Known {
  /** Taken, and not used yet. */
  held: number;
  heldUntil: number;
  /** By the last answer: when the bucket is full again, and until when nothing is in it. */
  fullAt: number;
  emptyUntil: number;
  /** Requests since `countedAt`, from which follows how many are taken ahead. */
  count: number;
  countedAt: number;
  pace: number;
  /** Requests that wait for an answer. */
  waiting: ((decision: RateDecision | Promise<RateDecision>) => void)[];
  asking: boolean;
}

export function createSharedLimiter({ world, limit, bucketClient, mark, alone }: SharedLimiterInit): RateLimiter {
  const intervalMs = limit.rate.periodMs / limit.rate.count;
  const wholeMs = intervalMs * limit.burst;
  const mostAhead = Math.floor(Math.min(limit.burst * AHEAD_PART, COMES_BACK_MS / intervalMs));
  let young = new Map<string, Known>();
  let old = new Map<string, Known>();
  let turnAt = 0;

  const knownOf = (key: string, now: number): Known => {
    if (now >= turnAt || young.size >= MAX_KEYS) {
      old = young;
      young = new Map();
      turnAt = now + GENERATION_MS;
    }
    let known = young.get(key);
    if (known) return known;
    known = old.get(key) ?? createKnown(now);
    young.set(key, known);
    return known;
  };

  const allowed = (known: Known, now: number): RateDecision => {
    const resetMs = Math.max(0, known.fullAt - now);
    const left = Math.floor((wholeMs - resetMs) / intervalMs + 1e-9) + known.held;
    return { allowed: true, remaining: Math.max(0, Math.min(left, limit.burst)), resetMs, retryAfterMs: 0 };
  };
  const refused = (known: Known, now: number): RateDecision => ({
    allowed: false,
    remaining: 0,
    resetMs: Math.max(0, known.fullAt - now),
    retryAfterMs: Math.max(1, known.emptyUntil - now),
  });

  const ask = (key: string, known: Known) => {
    known.asking = true;
    let want = 1;
    const wish = () => {
      want = Math.max(1, known.waiting.length + Math.min(Math.ceil(known.pace), mostAhead));
      return { bucket: `${mark} ${key}`.toWellFormed(), intervalMs, burst: limit.burst, want };
    };
    bucketClient.take(wish, taken => {
      known.asking = false;
      if (taken) {
        answer(known, taken, taken.taken < want);
        // Requests that came while it was on its way.
        if (known.waiting.length > 0) ask(key, known);
      } else for (const tell of known.waiting.splice(0)) tell(alone.take(key));
    });
  };

  const answer = (known: Known, taken: Taken, isEmpty: boolean) => {
    const now = world.monotonic();
    known.fullAt = now + taken.resetMs;
    known.held = (now < known.heldUntil ? known.held : 0) + taken.taken;
    known.heldUntil = now + AHEAD_MS;
    for (const tell of known.waiting.splice(0, known.held)) {
      known.held--;
      tell(allowed(known, now));
    }
    if (!isEmpty) return;
    known.emptyUntil = now + Math.max(1, taken.resetMs + intervalMs - wholeMs);
    for (const tell of known.waiting.splice(0)) tell(refused(known, now));
  };

  return {
    take(key) {
      const now = world.monotonic();
      const known = knownOf(key, now);
      known.count++;
      if (now - known.countedAt >= AHEAD_MS) {
        // As many as came lately, in the time that they are kept for.
        known.pace = (known.count * AHEAD_MS) / (now - known.countedAt);
        known.count = 0;
        known.countedAt = now;
      }
      if (now >= known.heldUntil) known.held = 0;
      if (known.held > 0) {
        known.held--;
        if (!known.asking && known.held < known.pace / 4 && bucketClient.reachable) ask(key, known);
        return allowed(known, now);
      }
      if (now < known.emptyUntil) return refused(known, now);
      if (!bucketClient.reachable) {
        bucketClient.probe();
        return alone.take(key);
      }
      return new Promise(resolve => {
        known.waiting.push(resolve);
        if (!known.asking) ask(key, known);
      });
    },
  };
}

function createKnown(now: number): Known {
  return {
    held: 0,
    heldUntil: 0,
    fullAt: now,
    emptyUntil: 0,
    count: 0,
    countedAt: now,
    pace: 0,
    waiting: [],
    asking: false,
  };
}
