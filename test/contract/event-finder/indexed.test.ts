// Finding events by an index in the search index: of a real Kafka in a real Elasticsearch, and of
// SQLite in SQLite, whose own index is left alone.
import { realWorld } from '../../../core/world.ts';
import type { EventIndex } from '../../../drivers/event-index/event-index.ts';
import { createSearchEventIndex } from '../../../drivers/event-index/search/search-event-index.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { openElasticsearch } from '../../../drivers/search-index/elasticsearch/elasticsearch-search-index.ts';
import type { SearchIndex } from '../../../drivers/search-index/search-index.ts';
import { indexTopic } from '../../../worker/event-index/index-topic.ts';
import type { Stage, StageObserver } from '../../../worker/fold/stage.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { openSearch } from '../../drivers/search-index/sqlite/open-search.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { elasticsearch } from '../../services/elasticsearch.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';
import { eventFinderContract } from './event-finder-contract.ts';
import type { FinderSubject } from './finder-site.ts';

const silent: StageObserver = { trouble() {}, superseded() {}, jumped() {}, refused() {} };

interface Opened {
  readonly log: EventLog;
  readonly search: SearchIndex;
  remove(): Promise<void>;
}

async function indexed(open: () => Promise<Opened>): Promise<FinderSubject> {
  const { log, search, remove } = await open();
  const groupOf = (topic: string) => `event-index.${topic}`;
  const index = createSearchEventIndex({ search, log, groupOf });
  const stages: Stage[] = [];
  return {
    open: async (): Promise<{ log: EventLog; index: EventIndex }> => ({ log, index }),
    async follow(topic) {
      stages.push(await indexTopic({ world: realWorld, log, index, group: groupOf(topic), topic, observer: silent }));
    },
    async destroy() {
      await Promise.all(stages.map(stage => stage.close(0).catch(() => undefined)));
      await remove();
    },
  };
}

eventFinderContract({
  name: 'SQLite, in the search index',
  runs: 10,
  many: 12_000,
  create: () =>
    indexed(async () => {
      const folder = temporaryFolder();
      const log = await openLog(`${folder.path}/log.db`);
      const search = await openSearch(`${folder.path}/search.db`, realWorld);
      return {
        log,
        search,
        async remove() {
          await search.close();
          folder.remove();
        },
      };
    }),
});

const [brokers, nodes] = [findService(kafka), findService(elasticsearch)];

if (brokers && nodes)
  eventFinderContract({
    name: 'Kafka, in Elasticsearch',
    runs: 4,
    many: 9_000,
    create: () =>
      indexed(async () => {
        const log = openKafkaEventLog({ world: realWorld, connection: { brokers: brokers.url().split(',') } });
        const prefix = `test-${process.pid}-${Date.now().toString(36)}-`;
        const search = await openElasticsearch({ world: realWorld, connection: { nodes: [nodes.url()] }, prefix });
        return {
          log,
          search,
          async remove() {
            for (const { name } of await search.indexes('')) await search.dropIndex(name);
            await search.close();
          },
        };
      }),
  });
