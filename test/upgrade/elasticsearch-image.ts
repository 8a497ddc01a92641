// What is in an Elasticsearch, as text: indexes with their settings, mappings and aliases, and
// documents with their versions.
import { Client, type estypes } from '@elastic/elasticsearch';

export type ElasticsearchImage = readonly IndexImage[];

interface IndexImage {
  readonly name: string;
  readonly settings: Record<string, unknown>;
  readonly mappings: estypes.MappingTypeMapping;
  readonly aliases: Record<string, estypes.IndicesAlias>;
  readonly documents: readonly { readonly id: string; readonly version: number; readonly source: unknown }[];
}

/** Of an index itself; who makes one may not say them. */
const OWN = ['uuid', 'version', 'creation_date', 'provided_name', 'routing'];
const MOST = 1000;

/** `prefix`: what all names begin with. */
export async function dumpElasticsearch(node: string, prefix: string): Promise<ElasticsearchImage> {
  const client = new Client({ node });
  try {
    await client.indices.refresh({ index: `${prefix}*` });
    const found = await client.indices.get({ index: `${prefix}*` });
    const indexes: IndexImage[] = [];
    for (const [name, { settings, mappings, aliases }] of Object.entries(found).toSorted()) {
      const index: Record<string, unknown> = { ...settings?.index };
      for (const own of OWN) delete index[own];
      const { hits } = await client.search({ index: name, size: MOST, version: true, sort: '_doc' });
      const documents = hits.hits
        .map(({ _id = '', _version = 0, _source }) => ({ id: _id, version: _version, source: _source }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1));
      indexes.push({ name, settings: index, mappings: { ...mappings }, aliases: { ...aliases }, documents });
    }
    return indexes;
  } finally {
    await client.close();
  }
}

export async function loadElasticsearch(node: string, indexes: ElasticsearchImage): Promise<void> {
  const client = new Client({ node });
  try {
    for (const { name, settings, mappings, aliases, documents } of indexes) {
      await client.indices.create({ index: name, settings, mappings, aliases });
      for (const { id, version, source } of documents)
        await client.index({ index: name, id, version, version_type: 'external', document: source });
      await client.indices.refresh({ index: name });
    }
  } finally {
    await client.close();
  }
}

export async function dropElasticsearch(node: string, prefix: string): Promise<void> {
  const client = new Client({ node });
  try {
    const found = Object.keys(await client.indices.get({ index: `${prefix}*` }));
    if (found.length > 0) await client.indices.delete({ index: found });
  } finally {
    await client.close();
  }
}
