// Rankings and feeds of a simulated store: kept flat, so that a replica is a copy of two maps, and
// sorted when they are asked.
import type { Change, Push, Score } from '../../../drivers/store/changes.ts';
import type { FeedEntry } from '../../../drivers/store/feeds.ts';
import type { Ranked } from '../../../drivers/store/rankings.ts';

interface Member {
  readonly score: number;
  readonly value: Buffer | undefined;
}

interface Entry {
  readonly at: number;
  readonly value: Buffer;
}

export interface HeldBest {
  readonly ranked: Map<string, Member>;
  readonly feeds: Map<string, Entry>;
}

type BestChange = Extract<Change, { readonly kind: 'score' | 'unrank' | 'push' | 'unpush' }>;

const SEPARATOR = '\u0000';

export function emptyBest(): HeldBest {
  return { ranked: new Map(), feeds: new Map() };
}

export function copyOfBest({ ranked, feeds }: HeldBest): HeldBest {
  return { ranked: new Map(ranked), feeds: new Map(feeds) };
}

export function isBest(change: Change): change is BestChange {
  return ['score', 'unrank', 'push', 'unpush'].includes(change.kind);
}

export function makeBest(held: HeldBest, scope: string, change: BestChange): void {
  if (change.kind === 'score') score(held, scope, change);
  else if (change.kind === 'unrank') held.ranked.delete([scope, change.ranking, change.member].join(SEPARATOR));
  else if (change.kind === 'push') push(held, scope, change);
  else held.feeds.delete([scope, change.feed, change.owner, change.id].join(SEPARATOR));
}

function score({ ranked }: HeldBest, scope: string, change: Score): void {
  const { ranking, member, mode, limit } = change;
  const place = [scope, ranking, member].join(SEPARATOR);
  const before = ranked.get(place);
  const next = before === undefined || mode === 'last' ? change.score : combined(before.score, change.score, mode);
  ranked.set(place, { score: next, value: change.value === undefined ? before?.value : Buffer.from(change.value) });
  for (const { member: worst } of rankedOf({ ranked, feeds: new Map() }, scope, ranking).slice(limit)) {
    ranked.delete([scope, ranking, worst].join(SEPARATOR));
  }
}

function combined(before: number, next: number, mode: 'sum' | 'max'): number {
  return mode === 'sum' ? before + next : Math.max(before, next);
}

function push(held: HeldBest, scope: string, { feed, owner, id, at, value, limit }: Push): void {
  held.feeds.set([scope, feed, owner, id].join(SEPARATOR), { at, value: Buffer.from(value) });
  for (const { id: oldest } of entriesOf(held, scope, feed, owner).slice(limit)) {
    held.feeds.delete([scope, feed, owner, oldest].join(SEPARATOR));
  }
}

/** The best first. */
export function rankedOf({ ranked }: HeldBest, scope: string, ranking: string): Ranked[] {
  const prefix = [scope, ranking, ''].join(SEPARATOR);
  return [...ranked]
    .filter(([place]) => place.startsWith(prefix))
    .map(([place, { score: points, value }]) => ({ member: place.slice(prefix.length), score: points, value }))
    .sort((a, b) => b.score - a.score || Buffer.compare(Buffer.from(a.member), Buffer.from(b.member)))
    .map((each, index) => ({ ...each, rank: index + 1 }));
}

/** The newest first. */
export function entriesOf(
  { feeds }: HeldBest,
  scope: string,
  feed: string,
  owner: string,
): Omit<FeedEntry, 'position'>[] {
  const prefix = [scope, feed, owner, ''].join(SEPARATOR);
  return [...feeds]
    .filter(([place]) => place.startsWith(prefix))
    .map(([place, { at, value }]) => ({ id: place.slice(prefix.length), at, value }))
    .sort((a, b) => b.at - a.at || Buffer.compare(Buffer.from(b.id), Buffer.from(a.id)));
}
