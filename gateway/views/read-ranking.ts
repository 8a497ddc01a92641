// Reads a ranking that is kept in several scopes: the best of all are among the best of each, and
// the rank of a member is the sum of those who are better in each.
import { VIEW_RANKING, type ViewLayout } from '../../core/views/view-layout.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import type { Ranked, Rankings } from '../../drivers/store/rankings.ts';

/** More than its share of the best a scope rarely has. */
const SPARE = 8;

/** Each scope is asked for about twice its share, and again when all of that is among the best. */
export async function readTop(
  store: Pick<Rankings, 'top'>,
  layout: ViewLayout,
  limit: number,
): Promise<readonly Ranked[]> {
  const share = Math.min(limit, Math.ceil((2 * limit) / layout.partitions) + SPARE);
  const top = (partition: number, from: number, most: number) =>
    store.top(layout.scopeOf(partition), VIEW_RANKING, { limit: most, from });
  const tops = await Promise.all(Array.from({ length: layout.partitions }, (_, partition) => top(partition, 1, share)));
  const best = mergeTops(tops, limit);
  if (share === limit) return best;
  const last = best.length < limit ? undefined : best.at(-1);
  const rest = tops.map(async (found, partition) => {
    const worst = found.at(-1);
    const mayHaveMore = worst !== undefined && found.length === share;
    return mayHaveMore && (last === undefined || better(worst, last) <= 0)
      ? top(partition, share + 1, limit - share)
      : [];
  });
  const more = (await Promise.all(rest)).flat();
  return more.length === 0 ? best : mergeTops([...tops, more], limit);
}

/**
 * The member, up to `around` better and `around` worse ones, with their ranks among all. Empty when
 * it is not among the `kept` best, as those behind them are not all kept.
 */
export async function readAround(
  store: Pick<Rankings, 'around' | 'aroundPlace'>,
  layout: ViewLayout,
  member: string,
  { around, kept }: { readonly around: number; readonly kept: number },
): Promise<readonly Ranked[]> {
  const found = await readMember(store, layout, member);
  if (found === undefined) return [];
  const window = { before: around, after: around + 1 };
  const asked = Array.from({ length: layout.partitions }, (_, partition) =>
    store.aroundPlace(layout.scopeOf(partition), VIEW_RANKING, found, window),
  );
  const windows = await Promise.all(asked);
  const ahead = windows.reduce((sum, each) => sum + each.ahead, 0);
  if (ahead >= kept) return [];
  // The member may have another place by now.
  const others = windows.flatMap(({ ranked }) => ranked.filter(each => each.member !== member)).sort(better);
  const firstWorse = others.findIndex(each => better(each, found) > 0);
  const end = firstWorse === -1 ? others.length : firstWorse;
  const before = others.slice(Math.max(0, end - around), end);
  const all = [...before, found, ...others.slice(end, end + Math.min(around, kept - ahead - 1))];
  return all.map((each, index) => ({ ...each, rank: ahead + 1 - before.length + index }));
}

/** Its rank among all is not known here. */
export async function readMember(
  store: Pick<Rankings, 'around'>,
  layout: ViewLayout,
  member: string,
): Promise<Ranked | undefined> {
  const scope = layout.scopeOf(partitionOf(member, layout.partitions));
  const [found] = await store.around(scope, VIEW_RANKING, member, { before: 0, after: 0 });
  return found;
}

/** Higher scores first, equal ones by member (UTF-8 bytes), as within one scope. */
export function mergeTops(tops: readonly (readonly Ranked[])[], limit: number): Ranked[] {
  const seen = new Set<string>();
  return (
    tops
      .flat()
      .sort(better)
      // One that has lost places between two questions was told twice.
      .filter(({ member }) => !seen.has(member) && seen.add(member))
      .slice(0, limit)
      .map((ranked, index) => ({ ...ranked, rank: index + 1 }))
  );
}

function better(a: Ranked, b: Ranked): number {
  if (a.score !== b.score) return b.score - a.score;
  return Buffer.compare(Buffer.from(a.member), Buffer.from(b.member));
}
