// The endpoint of the catalogue of Topics.
import { type CatalogueItem, cataloguePlace } from '../catalogue/catalogue.ts';
import type { TopicEntry } from '../catalogue/catalogue-view.ts';
import type { Page } from '../page.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { readLimit } from './limit.ts';

/** A page ends before the entry that would make it longer, as schemas can be large. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

export const catalogueRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/topics/catalogue',
    does: 'Lists Topics with purpose, owner, schema, samples, and who sends and reads their events.',
    needs: 'view',
    where: 'query',
    query: ['namespace', 'name', 'text', 'owner', 'lifecycle', 'limit', 'after'],
    async answer({ catalogue, scope, query: { namespace, name, text = '', owner, lifecycle, limit, after = '' } }) {
      const most = readLimit(limit);
      const words = text.toLowerCase();
      const found = (await catalogue()).filter(
        ({ entry, searched }) =>
          scope.has(entry.namespace) &&
          (namespace === undefined || entry.namespace === namespace) &&
          (name === undefined || entry.name === name) &&
          (owner === undefined || entry.owner === owner) &&
          (lifecycle === undefined || entry.lifecycle === lifecycle) &&
          (words === '' || searched.includes(words)) &&
          cataloguePlace(entry) > after,
      );
      return toPage(found, most);
    },
  }),
];

/** It has one entry at least, where there is one. */
function toPage(found: readonly CatalogueItem[], most: number): Page<TopicEntry> {
  const items: TopicEntry[] = [];
  let size = 0;
  for (const { entry, size: own } of found) {
    size += own;
    const last = items.at(-1);
    if (last && (items.length === most || size > MOST_CHARACTERS)) return { items, next: cataloguePlace(last) };
    items.push(entry);
  }
  return { items };
}
