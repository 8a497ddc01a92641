// Removes data of builds of a View that neither serve nor are being built any more.
import { readGenerations } from '../../../core/views/view-generations.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../../../drivers/search-index/search-index.ts';
import type { Store } from '../../../drivers/store/store.ts';

export interface LeftoverOptions {
  readonly log: Pick<EventLog, 'topics' | 'deleteTopic'>;
  readonly store: Pick<Store, 'row' | 'position' | 'scopes' | 'drop'>;
  readonly search: Pick<SearchIndex, 'indexes' | 'dropIndex'>;
  readonly wanted: { readonly namespace: string; readonly name: string };
}

export interface Leftovers {
  readonly topics: readonly string[];
  readonly indexes: readonly string[];
  readonly scopes: readonly string[];
}

const SCOPES_PAGE = 1_000;
const ID = /^[0-9a-f]{12}$/;

/**
 * Looks at the names first and at the state after that. Things that another process begins in
 * between are in the state and not among the names. No build ever takes the id of an earlier one.
 */
export async function findLeftovers(options: LeftoverOptions, group: string): Promise<Leftovers> {
  const { log, store, search, wanted } = options;
  const place = placeOf(options);
  const topics = (await log.topics()).map(topic => topic.name).filter(found => found.startsWith(`${group}.`));
  const indexes = (await search.indexes(`${group}.`)).map(index => index.name);
  const scopes = await scopesOf(store, place);
  const { serving, building } = await readGenerations(store, wanted.namespace, wanted.name);
  const isOld = (id: string) => ID.test(id) && id !== serving?.id && id !== building?.id;
  return {
    // Some belong to a topic of a generation, such as the results of its function: their names go
    // on behind its id.
    topics: topics.filter(found => isOld(found.slice(group.length + 1).split('.')[0] ?? '')),
    indexes: indexes.filter(found => isOld(found.slice(group.length + 1))),
    scopes: scopes.filter(found => isOld(found.slice(place.length).split('/')[0] ?? '')),
  };
}

/**
 * Removes leftovers that were found some time ago and are still left over. A store that has lost
 * its newest changes may serve an older generation again.
 */
export async function removeViewLeftovers(options: LeftoverOptions, group: string, before: Leftovers): Promise<void> {
  const { log, store, search } = options;
  const now = await findLeftovers(options, group);
  for (const topic of now.topics) if (before.topics.includes(topic)) await log.deleteTopic(topic);
  for (const index of now.indexes) if (before.indexes.includes(index)) await search.dropIndex(index);
  for (const scope of now.scopes) if (before.scopes.includes(scope)) await store.drop(scope);
}

function placeOf({ wanted: { namespace, name } }: LeftoverOptions): string {
  return `view/${namespace}/${name}/`;
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
