// A View that is searched, folded into a real Elasticsearch that is away, refuses and cuts
// connections meanwhile: nothing is lost, nothing goes back.
import assert from 'node:assert/strict';
import { toRecord } from '../../../../core/cloudevents/record.ts';
import { VIEW_CONSUMER, viewLayoutOf } from '../../../../core/views/view-layout.ts';
import { realWorld } from '../../../../core/world.ts';
import { openElasticsearch } from '../../../../drivers/search-index/elasticsearch/elasticsearch-search-index.ts';
import type { SearchIndex } from '../../../../drivers/search-index/search-index.ts';
import { viewSpec } from '../../../../resources/kinds/view.ts';
import { runView } from '../../../../worker/views/run-view.ts';
import { compileSearch } from '../../../../worker/views/shapes/search.ts';
import { freePorts } from '../../../cluster/free-ports.ts';
import { eventually } from '../../../eventually.ts';
import { elasticsearch } from '../../../services/elasticsearch.ts';
import { startProxy } from '../../../services/proxy.ts';
import { findService } from '../../../services/service.ts';
import { openLog } from '../../event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { openStore } from '../../store/sqlite/open-store.ts';

const IDS = 300;
/** Of which each fault has a share to come upon. */
const EVENTS = 6000;
const PARTITIONS = 2;
const service = findService(elasticsearch);

if (service)
  describe('a search View over Elasticsearch with faults', () => {
    it('ends as the events say', async () => {
      const port = Number(new URL(service.url()).port);
      const [nobody = 0] = await freePorts(1);
      const proxy = await startProxy(nobody);
      const prefix = `test-${process.pid}-${Date.now().toString(36)}-`;
      const folder = temporaryFolder();
      const log = await openLog(`${folder.path}/log.db`);
      const store = await openStore(`${folder.path}/store.db`);
      const openSearch = (on: number): Promise<SearchIndex> =>
        openElasticsearch({
          world: realWorld,
          connection: { nodes: [`http://127.0.0.1:${on}`] },
          prefix,
          requestTimeoutMs: 30_000,
        });
      const [search, direct] = [await openSearch(proxy.port), await openSearch(port)];
      const layout = viewLayoutOf('shop', 'found', '000000000001');
      const { search: spec } = viewSpec.parse({
        from: ['said'],
        search: {
          id: '${event.data.id}',
          fields: { text: {}, n: { type: 'number' } },
          delete: '${has(event.data.gone)}',
        },
      });
      const shape = compileSearch(spec ?? assert.fail(), undefined);
      await log.ensureTopic('said', { partitions: PARTITIONS });
      const expected = new Map<string, number>();
      let appended = 0;
      const append = async (count: number) => {
        const records = Array.from({ length: count }, (_, at) => {
          const n = appended + at;
          const id = `d${(n * 7919) % IDS}`;
          const isGone = n % 11 === 0;
          if (isGone) expected.delete(id);
          else expected.set(id, n);
          const data = isGone ? { id, gone: true } : { id, n, text: `word${n % 10}` };
          return toRecord({ specversion: '1.0', id: `e${n}`, source: '/t', type: 't', data }, id);
        });
        appended += count;
        await log.append('said', records);
      };
      const refused: unknown[] = [];
      const start = () =>
        runView({
          world: realWorld,
          log,
          store,
          search,
          observer: { trouble() {}, superseded() {}, jumped() {}, refused: (_, __, error) => refused.push(error) },
          settings: {
            namespace: 'shop',
            name: 'found',
            layout,
            sources: ['said'],
            shape,
            deadLetterRetention: 86_400_000,
          },
        });

      // Away when the View starts: it does not, and is started again as its generations are.
      await assert.rejects(start(), { code: 'store-unavailable' });
      proxy.lead(port);
      const view = await start();
      const folded = async () => {
        let sum = 0;
        for (let partition = 0; partition < layout.partitions; partition++)
          sum += (await store.position(layout.scopeOf(partition), VIEW_CONSUMER, partition)) ?? 0;
        return sum;
      };
      // Each has events of its own: one that all were folded before would wait for ever.
      const faults: ((more: () => Promise<void>) => Promise<void>)[] = [
        async more => {
          await more();
          proxy.cut();
        },
        async more => {
          proxy.keepAnswers(true);
          const kept = proxy.kept();
          await more();
          await kept;
          proxy.keepAnswers(false);
          proxy.cut();
        },
        async more => {
          proxy.turnTo(nobody);
          await more();
          await new Promise(resolve => setTimeout(resolve, 300));
          proxy.turnTo(port);
        },
      ];
      const rounds = [...faults, ...faults];
      const more = () => append(EVENTS / rounds.length / 2);
      for (const fault of rounds) {
        // Something must be folded between two faults, or none would ever be survived.
        const before = await folded();
        await more();
        await eventually(async () => (await folded()) > before, 'something is folded');
        await fault(more);
      }
      await eventually(async () => (await folded()) === EVENTS, 'all is folded');
      assert.deepEqual(refused, []);
      await direct.refresh(layout.index);
      const found = new Map<string, number>();
      let after: string | undefined;
      do {
        const page = await direct.search(layout.index, { sort: [{ field: 'n' }], limit: 1000, after });
        for (const { id, document } of page.hits) found.set(id, Number(Reflect.get(Object(document), 'n')));
        after = page.next;
      } while (after !== undefined);
      assert.deepEqual(new Map([...found].sort()), new Map([...expected].sort()));
      await view.close(1000);
      await eventually(() => direct.health().then(({ ok }) => ok), 'it is well');
      await direct.dropIndex(layout.index);
      for (const each of [search, direct, log, store]) await each.close();
      await proxy.close();
      folder.remove();
    });
  });
