// State by key over each real store: totals of an aggregate, and of a table that reads its row.
// They are exact through repeats and owners that stop midway, and the same when built anew.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { toRecord } from '../../../core/cloudevents/record.ts';
import { deadTopicOf, viewGroupOf } from '../../../core/names.ts';
import { VIEW_ROWS, viewLayoutOf } from '../../../core/views/view-layout.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { openRedisStore } from '../../../drivers/store/redis/redis-store.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { StageObserver } from '../../../worker/fold/stage.ts';
import { runView } from '../../../worker/views/run-view.ts';
import { compileShape } from '../../../worker/views/shapes/compile-shape.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import { resourcesOf } from '../pipelines/harness.ts';

const TOPIC = 'orders';
const PARTITIONS = 3;
const EVENTS = 600;
const NAMESPACE = 'default';
const VIEWS = `kind: Topic; metadata: { name: orders }; spec: {}
kind: View; metadata: { name: totals }; spec: { from: [orders], aggregate: { by: "\${event.data.customer}", values: { orders: count(), cents: sum(event.data.cents), drinks: "top(event.data.drink, 2)", kinds: distinct(event.data.id) }, having: "\${row.orders > 1}" } }
kind: View; metadata: { name: balance }; spec: { from: [orders], table: { key: "\${event.data.customer}", value: { cents: "\${(row == null ? 0 : row.cents) + event.data.cents}", orders: "\${(row == null ? 0 : row.orders) + 1}" } } }`;

const silent: StageObserver = { trouble() {}, superseded() {}, jumped() {}, refused() {} };
const noSearch = { ensureIndex: async () => assert.fail(), change: async () => assert.fail() };
const service = findService(redis);

const openRedis = () => {
  const url = (service ?? assert.fail('Redis is not here.')).url();
  const prefix = `state-${randomUUID().slice(0, 8)}`;
  return openRedisStore({ world: realWorld, connection: { urls: [url] }, prefix });
};
const stores: Readonly<Record<string, (file: string) => Promise<Store>>> = {
  SQLite: openStore,
  ...(service ? { Redis: openRedis } : {}),
};

interface Order {
  readonly id: string;
  readonly customer: string;
  readonly cents: number;
  readonly drink: string;
}

const orders = Array.from(
  { length: EVENTS },
  (_, n): Order => ({
    id: `o${n}`,
    // Some customers order once.
    customer: n % 50 === 0 ? `once${n}` : `c${n % 7}`,
    cents: (n * 37) % 901,
    drink: ['tea', 'cocoa', 'espresso'][n % 3] ?? '',
  }),
);

const viewOf = (name: string) =>
  resourcesOf(VIEWS).get('View', NAMESPACE, name) ?? assert.fail(`There is no View ${name}.`);

for (const [name, open] of Object.entries(stores))
  describe(`state by key over ${name}`, () => {
    const folders = [temporaryFolder(), temporaryFolder()] as const;
    let log: EventLog;
    let store: Store;

    before(async () => {
      log = await openLog(folders[0].file);
      store = await open(folders[1].file);
      await log.ensureTopic(TOPIC, { partitions: PARTITIONS });
    });
    after(async () => {
      for (const scope of await store.scopes('', { limit: 10_000 })) await store.drop(scope);
      await log.close();
      await store.close();
      for (const folder of folders) folder.remove();
    });

    const publish = (some: readonly Order[]) =>
      log.append(
        TOPIC,
        some.map(data =>
          toRecord({ specversion: '1.0', id: data.id, source: '/t', type: 'Order', data }, data.customer),
        ),
      );
    const start = (view: string, generation: string) =>
      runView({
        world: realWorld,
        log,
        store,
        search: noSearch,
        observer: silent,
        settings: {
          namespace: NAMESPACE,
          name: view,
          layout: viewLayoutOf(NAMESPACE, view, generation),
          sources: [TOPIC],
          shape: compileShape(viewOf(view)) ?? assert.fail('There is no shape.'),
          deadLetterRetention: 86_400_000,
        },
      });
    const rowsOf = async (view: string, generation: string) => {
      const layout = viewLayoutOf(NAMESPACE, view, generation);
      const pages = await Promise.all(
        Array.from({ length: layout.partitions }, (_, partition) =>
          store.scan(layout.scopeOf(partition), VIEW_ROWS, { limit: 1_000 }),
        ),
      );
      const rows = pages.flatMap(page => page.rows);
      return Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(Buffer.from(value).toString())]));
    };

    it('is exact through repeats and owners that stop midway, and the same built anew', async () => {
      await publish([{ id: 'bad', customer: 'c1', cents: 'many' as unknown as number, drink: 'tea' }]);
      for (const view of ['totals', 'balance']) {
        const expected = view === 'totals' ? totalsOf(orders) : balanceOf(orders);
        const [first, anew] = ['000000000001', '000000000002'] as const;
        for (let from = 0; from < EVENTS; from += 100) {
          if (view === 'totals') await publish(orders.slice(from, from + 100));
          // Published again, as by a client that got no answer.
          if (view === 'totals') await publish(orders.slice(from + 80, from + 100));
          const running = await start(view, first);
          await running.close(0);
        }
        for (const generation of [first, anew]) {
          const running = await start(view, generation);
          const isWhole = async () => isDeepStrictEqual(await rowsOf(view, generation), expected);
          await eventually(isWhole, `${view} of generation ${generation} is what the events say`);
          await running.close(1_000);
        }
        const dead = (await log.bounds(deadTopicOf(viewGroupOf(NAMESPACE, view)))) ?? [];
        assert.ok(
          dead.some(({ start: begin, end }) => end > begin),
          'the unusable event is set aside',
        );
      }
    });
  });

function totalsOf(all: readonly Order[]): Record<string, unknown> {
  const rows: Record<string, unknown> = {};
  for (const [customer, those = []] of Object.entries(Object.groupBy(all, order => order.customer))) {
    if (those.length < 2) continue;
    const counts = Object.entries(Object.groupBy(those, ({ drink }) => drink)).map(([value, some = []]) => ({
      value,
      count: some.length,
    }));
    rows[customer] = {
      orders: those.length,
      cents: centsOf(those),
      drinks: counts.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, 2),
      kinds: those.length,
    };
  }
  return rows;
}

function balanceOf(all: readonly Order[]): Record<string, unknown> {
  const byCustomer = Object.groupBy(all, order => order.customer);
  return Object.fromEntries(
    Object.entries(byCustomer).map(([customer, those = []]) => [
      customer,
      { cents: centsOf(those), orders: those.length },
    ]),
  );
}

function centsOf(all: readonly Order[]): number {
  return all.reduce((sum, { cents }) => sum + cents, 0);
}
