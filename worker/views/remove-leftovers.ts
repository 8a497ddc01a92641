// Removes what builds of a View have kept that neither serve nor are being built any more.
import { readGenerations } from '../../core/views/view-generations.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../../drivers/search-index/search-index.ts';
import type { Store } from '../../drivers/store/store.ts';

export interface LeftoverOptions {
  readonly log: Pick<EventLog, 'topics' | 'deleteTopic'>;
  readonly store: Pick<Store, 'row' | 'position' | 'scopes' | 'drop'>;
  readonly search: Pick<SearchIndex, 'indexes' | 'dropIndex'>;
  readonly wanted: { readonly namespace: string; readonly name: string };
}

const SCOPES_PAGE = 1_000;

/**
 * Looks at what there is first and at the state after that: what another process begins in between is in the state and not among what was found, and
 * no build ever takes the id of an earlier one.
 */
export async function removeLeftovers({ log, store, search, wanted }: LeftoverOptions, group: string): Promise<void> {
  const { namespace, name } = wanted;
  const prefix = `${group}.`;
  const idOf = (found: string) => /^[0-9a-f]{12}$/.exec(found.slice(prefix.length))?.[0];
  const topics = (await log.topics()).map(topic => topic.name).filter(found => found.startsWith(prefix));
  const indexes = (await search.indexes(prefix)).map(index => index.name);
  const place = `view/${namespace}/${name}/`;
  const scopes = await scopesOf(store, place);
  const { serving, building } = await readGenerations(store, namespace, name);
  const isOld = (id: string | undefined) => id !== undefined && id !== serving?.id && id !== building?.id;
  for (const topic of topics) if (isOld(idOf(topic))) await log.deleteTopic(topic);
  for (const index of indexes) if (isOld(idOf(index))) await search.dropIndex(index);
  for (const scope of scopes) if (isOld(scope.slice(place.length).split('/')[0])) await store.drop(scope);
}

async function scopesOf(store: Pick<Store, 'scopes'>, place: string): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.scopes(place, { limit: SCOPES_PAGE, ...(after === undefined ? {} : { after }) });
    found.push(...page);
    after = page.at(-1);
    if (page.length < SCOPES_PAGE) return found;
  }
}
