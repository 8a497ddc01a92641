// Decides what a holder gets of a limit: pure functions over the slices that are known, for
// every store that keeps them.
import type { LeaseGrant, LeaseRequest } from './leases.ts';

export interface Slice {
  readonly holder: string;
  readonly turn: number;
  /** Units that the holder may be using, at most. */
  readonly amount: number;
  /**
   * The part of them that it may go on using; all when left out. It uses the rest without a right
   * to it, and the store only counts them.
   */
  readonly granted?: number;
  readonly demand: number;
  /** The limit as the holder knows it. */
  readonly limit: number;
  /** Since when it has something, or waits for something. */
  readonly since: number;
  readonly expires: number;
}

export interface LeaseEpoch {
  readonly id: string;
  /** Until then somebody may hold what was granted before this epoch and has been forgotten. */
  readonly quietUntil: number;
}

export interface LeaseDecision {
  readonly slices: readonly Slice[];
  /** Undefined: the request is older than one that was answered. */
  readonly grant: LeaseGrant | undefined;
}

/**
 * When there is less than one unit for each, a holder keeps its unit for so long. Then it is the
 * turn of the one that has waited longest.
 */
const TURN_MS = 1000;

/**
 * A holder with nothing asks again much sooner than this, or has ended. The
 * others must not wait for it.
 */
const MAX_WAITING_MS = 2000;

/**
 * A holder has given up all that it has beyond `held`. Its slice shrinks when it says so, grows
 * when it is granted, and is alive until the store's clock says otherwise. Lost and late answers
 * leave the holder with less than the store counts, never with more.
 */
export function decideLease(
  known: readonly Slice[],
  request: LeaseRequest,
  now: number,
  epoch: LeaseEpoch,
): LeaseDecision {
  const alive = known.filter(slice => slice.expires > now);
  const mine = alive.find(({ holder }) => holder === request.holder);
  if (mine && mine.turn >= request.turn) return { slices: alive, grant: undefined };
  const others = alive.filter(({ holder }) => holder !== request.holder);
  // While processes do not agree on the limit, as when it is being changed, the smallest holds.
  const limit = Math.min(request.limit, ...others.map(other => other.limit));
  const free = Math.max(0, limit - sum(others.map(({ amount }) => amount)));
  const quietMs = Math.max(0, epoch.quietUntil - now);
  // While it is quiet the holder's word is all there is: nobody got anything else meanwhile.
  const held = quietMs > 0 ? request.held : Math.min(request.held, rightOf(mine));
  const { holder, turn, demand, ttlMs, lingerMs = 0 } = request;
  const claim = { holder, demand, amount: mine ? held : 0, since: sinceOf(mine, held, now) };
  const { share: fair, before } = shareOf([...others, claim], claim, limit, now);
  // More is in use than there may be, as after a limit was lowered: nobody begins anything that
  // others leave no room for.
  const share = request.held > free ? Math.min(fair, free) : fair;
  // Never less than what it goes on using, also when the limit was lowered: the answer may be lost.
  const granted = quietMs > 0 ? held : Math.max(held, Math.min(share, free - before));
  const grant = { granted, share, epoch: epoch.id, quietMs };
  // A holder that was away for too long may still use units that others hold by now. It starts
  // nothing, and its units count until they have ended.
  const amount = Math.max(granted, request.held);
  if (amount === 0 && demand === 0) return { slices: others, grant };
  const lives = amount > 0 ? ttlMs + lingerMs : Math.min(ttlMs, MAX_WAITING_MS);
  const since = sinceOf(mine, amount, now);
  const counted = { holder, turn, amount, demand, limit: request.limit, since, expires: now + lives };
  // Reports during the quiet time are counted but grant no right: two holders may report the same
  // units, as one of them has not heard yet.
  const right = quietMs > 0 ? 0 : granted;
  const slice = right < amount ? { ...counted, granted: right } : counted;
  return { slices: [...others, slice], grant };
}

function rightOf(slice: Slice | undefined): number {
  return slice?.granted ?? slice?.amount ?? 0;
}

function sinceOf(mine: Slice | undefined, amount: number, now: number): number {
  return mine && mine.amount > 0 === amount > 0 ? mine.since : now;
}

interface Share {
  readonly share: number;
  /** Free units go to so many others first. */
  readonly before: number;
}

type Claim = Pick<Slice, 'holder' | 'demand' | 'amount' | 'since'>;

/**
 * All get what they ask for while that is possible. The rest goes in equal parts, so that no
 * holder has to ask when its load grows a little. Beyond that they share in proportion, at least
 * one each as far as it goes. Shares are rounded down, and the rest goes to the first holders by
 * name.
 */
function shareOf(claims: readonly Claim[], mine: Claim, limit: number, now: number): Share {
  const { demand } = mine;
  if (demand === 0) return { share: 0, before: 0 };
  const all = claims.filter(one => one.demand > 0);
  if (limit < all.length) {
    const turns = inTurn(all, now);
    const place = turns.indexOf(mine);
    return { share: place < limit ? 1 : 0, before: turns.slice(0, place).filter(one => one.amount === 0).length };
  }
  all.sort(byName);
  const place = all.indexOf(mine);
  const total = sum(all.map(one => one.demand));
  if (total <= limit) return { share: demand + evenPart(limit - total, all.length, place), before: 0 };
  // One for each, the rest in proportion to what they ask for beyond it.
  const rest = limit - all.length;
  const wanted = total - all.length;
  const parts = all.map(one => Math.floor((rest * (one.demand - 1)) / wanted));
  const left = rest - sum(parts);
  return { share: 1 + (parts[place] ?? 0) + (place < left ? 1 : 0), before: 0 };
}

/**
 * First who has something and has not had it for long, then who waits, those who have waited
 * longest first, then who has had it long enough.
 */
function inTurn(claims: readonly Claim[], now: number): Claim[] {
  const rankOf = ({ amount, since }: Claim) => (amount === 0 ? 1 : now - since < TURN_MS ? 0 : 2);
  return [...claims].sort((a, b) => {
    const ranks = rankOf(a) - rankOf(b);
    if (ranks !== 0) return ranks;
    // Holders that have had it long enough go in the order in which they came to it, so the last
    // who came stays longest.
    return (rankOf(a) === 2 ? b.since - a.since : a.since - b.since) || byName(a, b);
  });
}

function byName(a: Claim, b: Claim): number {
  return a.holder < b.holder ? -1 : 1;
}

function evenPart(amount: number, among: number, place: number): number {
  return Math.floor(amount / among) + (place < amount % among ? 1 : 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
