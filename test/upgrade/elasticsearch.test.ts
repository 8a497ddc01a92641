// F12: a search index over Elasticsearch reads what an earlier release has left
// there, and goes on with it.
import assert from 'node:assert/strict';
import { realWorld } from '../../core/world.ts';
import { openElasticsearch } from '../../drivers/search-index/elasticsearch/elasticsearch-search-index.ts';
import type { DocumentChange, SearchIndex } from '../../drivers/search-index/search-index.ts';
import { rejectsWith } from '../contract/search-index/subject.ts';
import { elasticsearch } from '../services/elasticsearch.ts';
import { findService } from '../services/service.ts';
import { dropElasticsearch, dumpElasticsearch, loadElasticsearch } from './elasticsearch-image.ts';
import { fixtureOf } from './fixture.ts';

const RELEASES = ['0.1'];
/** Of all names: Elasticsearch may be shared with other tests. */
const PREFIX = 'upgrade-test-';
const SETTINGS = {
  fields: {
    text: { type: 'text' as const, phonetic: true, fuzzy: true, suggest: true },
    shop: { type: 'keyword' as const },
    price: { type: 'number' as const },
  },
};

const service = findService(elasticsearch);
if (service)
  for (const release of RELEASES)
    describe(`what release ${release} has left in Elasticsearch`, () => {
      let search: SearchIndex;
      const put = (id: string, version: number, text: string, price: number): DocumentChange => ({
        kind: 'put',
        id,
        version,
        document: { text, shop: 'ada', price },
      });
      beforeEach(async () => {
        await dropElasticsearch(service.url(), PREFIX);
        search = await openElasticsearch({
          world: realWorld,
          connection: { nodes: [service.url()] },
          prefix: PREFIX,
          log() {},
        });
      });
      afterEach(async () => {
        await search.close();
        await dropElasticsearch(service.url(), PREFIX);
      });

      it('is read, and gone on with', async () => {
        const left = await fixtureOf(release, 'elasticsearch', async () => {
          await search.ensureIndex('drinks', SETTINGS);
          await search.change('drinks', [
            put('a', 1, 'flat white', 4),
            put('b', 2, 'espresso', 2),
            put('c', 3, 'gone', 1),
          ]);
          await search.change('drinks', [{ kind: 'delete', id: 'c', version: 4 }]);
          await search.pointAliases({ menu: 'drinks' });
          return dumpElasticsearch(service.url(), PREFIX);
        });
        await dropElasticsearch(service.url(), PREFIX);
        await loadElasticsearch(service.url(), left);

        assert.deepEqual(await search.indexes(''), [{ name: 'drinks', aliases: ['menu'] }]);
        await search.ensureIndex('drinks', SETTINGS);
        const found = async (query: Parameters<SearchIndex['search']>[1]) => {
          await search.refresh('drinks');
          return (await search.search('menu', query)).hits.map(({ id }) => id).toSorted();
        };
        assert.deepEqual(await found({}), ['a', 'b']);
        for (const text of ['espresso', 'expresso', 'esspresso']) assert.deepEqual(await found({ text }), ['b'], text);
        const [hit] = (await search.search('menu', { text: 'flat white' })).hits;
        assert.deepEqual(hit?.document, { text: 'flat white', shop: 'ada', price: 4 });

        await search.change('drinks', [
          put('a', 1, 'older', 9),
          put('b', 5, 'ristretto', 3),
          put('d', 6, 'cortado', 4),
        ]);
        assert.deepEqual(await found({}), ['a', 'b', 'd']);
        assert.deepEqual(await found({ text: 'older' }), [], 'versions are kept');
        assert.deepEqual(await found({ text: 'ristretto' }), ['b']);
        await rejectsWith('conflict', search.ensureIndex('drinks', { fields: { text: { type: 'keyword' } } }));
      });
    });
