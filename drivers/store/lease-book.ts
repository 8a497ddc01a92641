// Decides what a holder gets of a limit: pure functions over the slices that are known, for every store that keeps them.
import type { LeaseGrant, LeaseRequest } from './leases.ts';

export interface Slice {
  readonly holder: string;
  readonly turn: number;
  /** What the holder may be using, at most. */
  readonly amount: number;
  readonly demand: number;
  readonly expires: number;
}

export interface Epoch {
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
 * What a holder has beyond `held` it has given up; so its slice shrinks when it says so, grows when it is granted, and is alive until the store's
 * clock says otherwise. Lost and late answers leave the holder with less than the store counts, never with more.
 */
export function decideLease(known: readonly Slice[], request: LeaseRequest, now: number, epoch: Epoch): LeaseDecision {
  const alive = known.filter(slice => slice.expires > now);
  const mine = alive.find(({ holder }) => holder === request.holder);
  if (mine && mine.turn >= request.turn) return { slices: alive, grant: undefined };
  const others = alive.filter(({ holder }) => holder !== request.holder);
  const free = Math.max(0, request.limit - sum(others.map(({ amount }) => amount)));
  const quietMs = Math.max(0, epoch.quietUntil - now);
  // While it is quiet the holder's word is all there is: nobody got anything else meanwhile.
  const held = quietMs > 0 ? request.held : Math.min(request.held, mine?.amount ?? 0);
  const share = shareOf(others, request);
  // Never less than what it goes on using, also when the limit was lowered: the answer may be lost.
  const granted = quietMs > 0 ? held : Math.max(held, Math.min(share, free));
  const grant = { granted, share, epoch: epoch.id, quietMs };
  if (granted === 0 && request.demand === 0) return { slices: others, grant };
  const { holder, turn, demand, ttlMs } = request;
  return { slices: [...others, { holder, turn, amount: granted, demand, expires: now + ttlMs }], grant };
}

/**
 * All get what they ask for while that is possible, and what is left in equal parts, so that nobody has to ask when its load grows a little;
 * beyond that in proportion, but at least one each as far as it goes. Rounded down, the rest to the first holders by name.
 */
function shareOf(others: readonly Slice[], request: LeaseRequest): number {
  const { holder, demand, limit } = request;
  if (demand === 0) return 0;
  const all = [...others, { holder, demand }].filter(one => one.demand > 0);
  all.sort((a, b) => (a.holder < b.holder ? -1 : 1));
  const place = all.findIndex(one => one.holder === holder);
  const total = sum(all.map(one => one.demand));
  if (total <= limit) return demand + evenPart(limit - total, all.length, place);
  if (limit <= all.length) return place < limit ? 1 : 0;
  // One for each, the rest in proportion to what they ask for beyond it.
  const rest = limit - all.length;
  const wanted = total - all.length;
  const parts = all.map(one => Math.floor((rest * (one.demand - 1)) / wanted));
  const left = rest - sum(parts);
  return 1 + (parts[place] ?? 0) + (place < left ? 1 : 0);
}

function evenPart(amount: number, among: number, place: number): number {
  return Math.floor(amount / among) + (place < amount % among ? 1 : 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
