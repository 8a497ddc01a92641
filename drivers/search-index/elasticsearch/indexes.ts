// Makes, drops and lists indexes, and points aliases to them.
import type { estypes } from '@elastic/elasticsearch';
import { TenfoldError } from '../../../core/errors.ts';
import { parsed } from '../assert-search.ts';
import type { SearchIndex } from '../search-index.ts';
import { indexSettings } from '../settings.ts';
import type { ElasticsearchCatalog } from './catalog.ts';
import { elasticsearchRefusalOf } from './es-error.ts';
import type { ElasticsearchLink } from './link.ts';
import { mappingOf, openIndex, writeAliasOf } from './mapping.ts';

export interface IndexesOptions {
  readonly link: ElasticsearchLink;
  readonly catalog: ElasticsearchCatalog;
  readonly prefix: string;
  /** In Elasticsearch; refuses what is no name. */
  nameOf(name: string): string;
  readonly shards: number | undefined;
  readonly replicas: number | undefined;
}

const MAX_LISTED = 1000;
/** Changes of the whole cluster wait for each other. */
const LIMIT_MS = 30_000;

export function createIndexes(
  options: IndexesOptions,
): Pick<SearchIndex, 'ensureIndex' | 'dropIndex' | 'indexes' | 'pointAliases'> {
  const { link, catalog, prefix, nameOf } = options;

  /** Whether there is one; `conflict` when it is another. */
  async function isThere(name: string, settings: string): Promise<boolean> {
    catalog.forget(name);
    const met = await catalog.find(name).catch(error => {
      if (error instanceof TenfoldError && error.code === 'not-found') return undefined;
      throw error;
    });
    if (met === undefined) return false;
    if (met.name !== name) throw new TenfoldError('conflict', `'${name}' is an alias of another search index.`);
    if (met.settings === settings) return true;
    throw new TenfoldError(
      'conflict',
      `The search index '${name}' is there with other settings. Make another one, and point the alias to it.`,
    );
  }

  return {
    async ensureIndex(asked, given) {
      const name = nameOf(asked);
      const settings = JSON.stringify(parsed(indexSettings, given, 'The settings'));
      const made = openIndex(name, settings);
      if (await isThere(name, settings)) return;
      const copies =
        options.replicas === undefined ? { auto_expand_replicas: '0-1' } : { number_of_replicas: options.replicas };
      try {
        await link.ask(
          settings.length,
          (client, requestOptions) =>
            client.indices.create(
              {
                index: name,
                settings: { number_of_shards: options.shards ?? 1, ...copies },
                aliases: { [writeAliasOf(name)]: {} },
                mappings: mappingOf(made),
              },
              requestOptions,
            ),
          LIMIT_MS,
        );
      } catch (error) {
        // Another process was quicker, or this one was and the answer was lost.
        if (isConflict(error) && (await isThere(name, settings))) return;
        throw error;
      }
    },

    async dropIndex(asked) {
      const name = nameOf(asked);
      catalog.forget();
      await link.ask(
        0,
        async (client, requestOptions) => {
          try {
            await client.indices.delete({ index: name }, requestOptions);
          } catch (error) {
            const refusal = elasticsearchRefusalOf(error);
            const isAlias = refusal?.status === 400 && refusal.reason.includes('matches an alias');
            if (refusal?.type !== 'index_not_found_exception' && !isAlias) throw error;
          }
        },
        LIMIT_MS,
      );
    },

    async indexes(begin) {
      if (!/^[a-z0-9._-]*$/.test(begin)) return [];
      const found = await link.ask(0, (client, requestOptions) =>
        client.indices.getAlias({ index: `${prefix}${begin}*` }, requestOptions),
      );
      return Object.entries(found)
        .filter(([name, { aliases }]) => Object.hasOwn(aliases, writeAliasOf(name)))
        .map(([name, { aliases }]) => ({
          name: name.slice(prefix.length),
          aliases: Object.keys(aliases)
            .filter(alias => alias.startsWith(prefix) && alias !== writeAliasOf(name))
            .map(alias => alias.slice(prefix.length))
            .sort(),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .slice(0, MAX_LISTED);
    },

    async pointAliases(aliases) {
      const entries = Object.entries(aliases).map(
        ([alias, index]) => [nameOf(alias), index === undefined ? undefined : nameOf(index)] as const,
      );
      for (const [alias, index] of entries) {
        if (index === undefined) await assertNoIndex(alias);
        else await assertIndex(index);
      }
      const actions = entries.flatMap(([alias, index]): estypes.IndicesUpdateAliasesAction[] => [
        { remove: { index: `${prefix}*`, alias, must_exist: false } },
        ...(index === undefined ? [] : [{ add: { index, alias } }]),
      ]);
      catalog.forget();
      if (actions.length === 0) return;
      await link.ask(
        0,
        async (client, requestOptions) => {
          try {
            await client.indices.updateAliases({ actions }, requestOptions);
          } catch (error) {
            // There is no alias to remove when there is no index at all.
            const isEmpty = entries.every(([, index]) => index === undefined);
            if (!(isEmpty && elasticsearchRefusalOf(error)?.type === 'index_not_found_exception')) throw error;
          }
        },
        LIMIT_MS,
      );
    },
  };

  async function assertNoIndex(name: string): Promise<void> {
    if ((await targetOf(name)) === name)
      throw new TenfoldError('conflict', `'${name}' is a search index itself and cannot be an alias.`);
  }

  async function assertIndex(name: string): Promise<void> {
    if ((await targetOf(name)) !== name)
      throw new TenfoldError('not-found', `There is no search index '${name}' to point to.`);
  }

  /** The index that is meant by the name of an index or an alias. */
  async function targetOf(name: string): Promise<string | undefined> {
    const found = await link.ask(0, (client, requestOptions) =>
      client.indices.getAlias({ index: name, ignore_unavailable: true }, requestOptions),
    );
    return Object.keys(found)[0];
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof TenfoldError && error.code === 'conflict';
}
