// Makes, drops and lists indexes, and points aliases to them.
import type { Client, estypes, TransportRequestOptions } from '@elastic/elasticsearch';
import { TenfoldError } from '../../../core/errors.ts';
import { parsed } from '../assert-search.ts';
import type { IndexStatus } from '../search-index.ts';
import { type IndexSettingsInput, indexSettings } from '../settings.ts';
import type { ElasticsearchCatalog } from './catalog.ts';
import { elasticsearchRefusalOf } from './es-error.ts';
import type { ElasticsearchLink } from './link.ts';
import { type ElasticsearchIndex, mappingOf, openIndex, writeAliasOf } from './mapping.ts';

export interface IndexAdminOptions {
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

export class IndexAdmin {
  readonly #options: IndexAdminOptions;

  constructor(options: IndexAdminOptions) {
    this.#options = options;
  }

  async ensureIndex(asked: string, given: IndexSettingsInput): Promise<void> {
    const name = this.#options.nameOf(asked);
    const settings = JSON.stringify(parsed(indexSettings, given, 'The settings'));
    const made = openIndex(name, settings);
    if (await this.#isThere(name, settings)) return;
    try {
      await this.#create(name, made, settings.length);
    } catch (error) {
      // Another process was quicker, or this one was and the answer was lost.
      if (isConflict(error) && (await this.#isThere(name, settings))) return;
      throw error;
    }
  }

  async dropIndex(asked: string): Promise<void> {
    const { link, catalog, nameOf } = this.#options;
    const name = nameOf(asked);
    catalog.forget();
    const drop = async (client: Client, options: TransportRequestOptions) => {
      try {
        await client.indices.delete({ index: name }, options);
      } catch (error) {
        const refusal = elasticsearchRefusalOf(error);
        const isAlias = refusal?.status === 400 && refusal.reason.includes('matches an alias');
        if (refusal?.type !== 'index_not_found_exception' && !isAlias) throw error;
      }
    };
    await link.ask(0, drop, LIMIT_MS);
  }

  async indexes(begin: string): Promise<readonly IndexStatus[]> {
    if (!/^[a-z0-9._-]*$/.test(begin)) return [];
    const { link, prefix } = this.#options;
    const found = await link.ask(0, (client, options) =>
      client.indices.getAlias({ index: `${prefix}${begin}*` }, options),
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
  }

  async pointAliases(aliases: Readonly<Record<string, string | undefined>>): Promise<void> {
    const { link, catalog, prefix, nameOf } = this.#options;
    const entries = Object.entries(aliases).map(
      ([alias, index]) => [nameOf(alias), index === undefined ? undefined : nameOf(index)] as const,
    );
    for (const [alias, index] of entries) {
      if (index === undefined) await this.#assertNoIndex(alias);
      else await this.#assertIndex(index);
    }
    const actions = entries.flatMap(([alias, index]): estypes.IndicesUpdateAliasesAction[] => [
      { remove: { index: `${prefix}*`, alias, must_exist: false } },
      ...(index === undefined ? [] : [{ add: { index, alias } }]),
    ]);
    catalog.forget();
    if (actions.length === 0) return;
    const update = async (client: Client, options: TransportRequestOptions) => {
      try {
        await client.indices.updateAliases({ actions }, options);
      } catch (error) {
        // There is no alias to remove when there is no index at all.
        const isEmpty = entries.every(([, index]) => index === undefined);
        if (!(isEmpty && elasticsearchRefusalOf(error)?.type === 'index_not_found_exception')) throw error;
      }
    };
    await link.ask(0, update, LIMIT_MS);
  }

  /** Whether there is one; `conflict` when it is another. */
  async #isThere(name: string, settings: string): Promise<boolean> {
    const { catalog } = this.#options;
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

  async #create(index: string, made: ElasticsearchIndex, bytes: number): Promise<void> {
    const { link, shards = 1, replicas } = this.#options;
    const copies = replicas === undefined ? { auto_expand_replicas: '0-1' } : { number_of_replicas: replicas };
    const request = {
      index,
      settings: { number_of_shards: shards, ...copies },
      aliases: { [writeAliasOf(index)]: {} },
      mappings: mappingOf(made),
    };
    await link.ask(bytes, (client, options) => client.indices.create(request, options), LIMIT_MS);
  }

  async #assertNoIndex(name: string): Promise<void> {
    if ((await this.#targetOf(name)) === name)
      throw new TenfoldError('conflict', `'${name}' is a search index itself and cannot be an alias.`);
  }

  async #assertIndex(name: string): Promise<void> {
    if ((await this.#targetOf(name)) !== name)
      throw new TenfoldError('not-found', `There is no search index '${name}' to point to.`);
  }

  /** The index that is meant by the name of an index or an alias. */
  async #targetOf(name: string): Promise<string | undefined> {
    const found = await this.#options.link.ask(0, (client, options) =>
      client.indices.getAlias({ index: name, ignore_unavailable: true }, options),
    );
    return Object.keys(found)[0];
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof TenfoldError && error.code === 'conflict';
}
