// The contract of the search index on a real Elasticsearch.
import { realWorld } from '../../../core/world.ts';
import { openElasticsearch } from '../../../drivers/search-index/elasticsearch/elasticsearch-search-index.ts';
import { elasticsearch } from '../../services/elasticsearch.ts';
import { findService } from '../../services/service.ts';
import { searchIndexContract } from './search-index-contract.ts';

const service = findService(elasticsearch);

if (service)
  searchIndexContract({
    name: 'Elasticsearch',
    async create() {
      let passed = 0;
      // Times to live end by the clock of the server, and by this one since the server was
      // asked. It stands still but for what a test lets pass, or a slow machine would see them
      // end early; pauses are real.
      const world = { ...realWorld, monotonic: () => passed };
      const prefix = `test-${process.pid}-${Date.now().toString(36)}-`;
      const open = () => openElasticsearch({ world, connection: { nodes: [service.url()] }, prefix });
      let search = await open();
      return {
        get search() {
          return search;
        },
        async reopen() {
          await search.close();
          search = await open();
        },
        async pass(ms) {
          passed += ms;
        },
        async destroy() {
          const left = await search.indexes('');
          await Promise.all(left.map(({ name }) => search.dropIndex(name)));
          await search.close();
        },
      };
    },
  });
