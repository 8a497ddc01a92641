// Reads a ranking that is kept in several scopes: the best of all are among the best of each.
import { VIEW_RANKING, type ViewLayout } from '../../core/views/view-layout.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import type { Ranked, Rankings } from '../../drivers/store/rankings.ts';

export async function readTop(
  store: Pick<Rankings, 'top'>,
  layout: ViewLayout,
  limit: number,
): Promise<readonly Ranked[]> {
  const tops: Promise<readonly Ranked[]>[] = [];
  for (let partition = 0; partition < layout.partitions; partition++) {
    tops.push(store.top(layout.scopeOf(partition), VIEW_RANKING, { limit }));
  }
  return mergeTops(await Promise.all(tops), limit);
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
  return tops
    .flat()
    .sort((a, b) => b.score - a.score || Buffer.compare(Buffer.from(a.member), Buffer.from(b.member)))
    .slice(0, limit)
    .map((ranked, index) => ({ ...ranked, rank: index + 1 }));
}
