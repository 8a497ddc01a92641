// Which indexes there are, and what their settings mean; remembered, as a question that no longer
// fits is refused by the index itself.
import { TenfoldError } from '../../../core/errors.ts';
import type { ElasticsearchLink } from './link.ts';
import { type ElasticsearchIndex, openIndex, settingsOf } from './mapping.ts';

export interface ElasticsearchCatalog {
  /**
   * Finds an index or an alias by its name in Elasticsearch. It rejects with `not-found` when there
   * is none, and with `conflict` when it is not ours.
   */
  find(name: string): Promise<ElasticsearchIndex>;
  /** Asks anew the next time. */
  forget(name?: string): void;
}

const MAX_KNOWN = 256;

export function openElasticsearchCatalog(link: ElasticsearchLink): ElasticsearchCatalog {
  const known = new Map<string, ElasticsearchIndex>();
  return {
    async find(name) {
      const before = known.get(name);
      if (before) return before;
      const found = await link.ask(0, (client, options) =>
        client.indices.getMapping({ index: name, filter_path: '*.mappings._meta' }, options),
      );
      const [first, second] = Object.entries(found);
      if (first === undefined || second !== undefined)
        throw new TenfoldError('conflict', `'${name}' is no search index of this platform, or stands for several.`);
      const [index, { mappings }] = first;
      const settings = settingsOf(mappings?._meta);
      if (settings === undefined)
        throw new TenfoldError(
          'conflict',
          `Index '${index}' was not made by this platform, or by another version of it. Rebuild what it serves, or use another prefix.`,
        );
      const opened = openIndex(index, settings);
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(name, opened);
      return opened;
    },
    forget(name) {
      if (name === undefined) known.clear();
      else known.delete(name);
    },
  };
}
