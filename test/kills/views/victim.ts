// The process that is killed: log, store and search index on its disk, and two Views, one that
// counts and one that is searched.
import { pathToFileURL } from 'node:url';
import { toRecord } from '../../../core/cloudevents/record.ts';
import { createViewDirectory } from '../../../core/views/view-directory.ts';
import { readGenerations } from '../../../core/views/view-generations.ts';
import { VIEW_RANKING, viewLayoutOf } from '../../../core/views/view-layout.ts';
import { realWorld as world } from '../../../core/world.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { createSqliteSearchIndex } from '../../../drivers/search-index/sqlite/sqlite-search-index.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../../drivers/store/sqlite/sqlite-store.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { compileViews } from '../../../worker/plan/compile-views.ts';
import { createViewPlane } from '../../../worker/view-plane.ts';
import { type Answer, NAMESPACE, type Order, PARTITIONS, type Rows, type Seen, SOURCE } from './protocol.ts';

const [, , file = '', threadFile = ''] = process.argv;
const KEYS = 20;
const EVERY_DOCUMENT = { filter: { field: 'key', exists: true }, limit: 1 };
const MANIFESTS = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: clicks }
spec: { partitions: ${PARTITIONS} }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: counts }
spec:
  from: [clicks]
  ranking: { member: '\${event.data.key}' }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: found }
spec:
  from: [clicks]
  search: { id: '\${event.id}', fields: { key: { type: keyword } } }
`;

const database = await openDatabase({ world, file, thread: pathToFileURL(threadFile) });
const log = await createSqliteEventLog({ world, database });
const store = await openSqliteStore({ world, database });
const search = createSqliteSearchIndex({ world, database });
await log.ensureTopic(SOURCE, { partitions: PARTITIONS });

const { resources } = loadText('app.yaml', MANIFESTS);
const plans = compileViews(createResourceSet(resources), (_, __, ___, message) => fail(new Error(message)));
const names = plans.map(({ resource }) => resource.metadata.name);
let building = 0;
for (const name of names) if ((await readGenerations(store, NAMESPACE, name)).building) building++;

const plane = createViewPlane({
  world,
  log,
  store,
  search,
  observerFor: () => ({
    trouble: (_, error) => console.error(error),
    superseded() {},
    jumped: () => fail(new Error('Events were gone before they were read.')),
    refused: (_, __, error) => fail(error),
  }),
  problem: (message, error) => console.error(message, error),
});
plane.apply(plans);
await plane.settled();
const directory = createViewDirectory(world, store);

process.on('message', (order: Order) => {
  carryOut(order).then(answer => process.send?.(answer), fail);
});
// The killer is gone.
process.on('disconnect', () => process.exit(0));
const ready: Answer = { kind: 'ready', building };
process.send?.(ready);

async function carryOut(order: Order): Promise<Answer> {
  if (order.kind === 'publish') {
    const records = order.ids.map((id, index) => {
      const data = { key: `k${index % KEYS}` };
      return toRecord({ specversion: '1.0', id, source: '/kills', type: 'Clicked', data }, data.key);
    });
    await log.append(SOURCE, records);
    return { kind: 'published', ids: order.ids };
  }
  if (order.kind === 'rebuild') {
    for (const plan of plans) await plane.rebuild(plan);
    return { kind: 'rebuilt' };
  }
  if (order.kind === 'rows') return { kind: 'rows', rows: await rows() };
  return { kind: 'seen', ...(await read()) };
}

async function rows(): Promise<Rows> {
  const published = new Map<string, number>();
  for (const [partition, { start, end }] of ((await log.bounds(SOURCE)) ?? []).entries())
    for (let at = start; at < end; ) {
      const { records, next } = await log.read(SOURCE, partition, at, { maxRecords: 1000, maxBytes: 1 << 22 });
      for (const { key } of records) published.set(key ?? '', (published.get(key ?? '') ?? 0) + 1);
      at = next;
    }
  const [counts, found] = await Promise.all(names.map(name => directory.serving(NAMESPACE, name)));
  const layout = viewLayoutOf(NAMESPACE, 'counts', counts?.id ?? '');
  const ranking: [string, number][] = [];
  for (let partition = 0; partition < layout.partitions; partition++)
    for (const { member, score } of await store.top(layout.scopeOf(partition), VIEW_RANKING, { limit: 2 * KEYS }))
      ranking.push([member, score]);
  const { index } = viewLayoutOf(NAMESPACE, 'found', found?.id ?? '');
  const documents: [string, number][] = [];
  for (const key of published.keys()) {
    const { total } = await search.search(index, { filter: { field: 'key', in: [key] }, limit: 1 });
    documents.push([key, total.count]);
  }
  return { log: [...published], ranking, documents };
}

async function read(): Promise<Seen> {
  const serving: string[] = [];
  for (const name of names) {
    const generation = await directory.serving(NAMESPACE, name);
    if (generation) serving.push(generation.id);
  }
  const [counts = '', found = ''] = serving;
  let counted = 0;
  const layout = viewLayoutOf(NAMESPACE, 'counts', counts);
  for (let partition = 0; counts !== '' && partition < layout.partitions; partition++) {
    const members = await store.top(layout.scopeOf(partition), VIEW_RANKING, { limit: KEYS });
    for (const { score } of members) counted += score;
  }
  const { index } = viewLayoutOf(NAMESPACE, 'found', found);
  const { total } = found === '' ? { total: { count: 0 } } : await search.search(index, EVERY_DOCUMENT);
  const events = ((await log.bounds(SOURCE)) ?? []).reduce((sum, { start, end }) => sum + end - start, 0);
  return { events, counted, documents: total.count, generations: serving, ...(await lookAtGenerations()) };
}

async function lookAtGenerations() {
  const needed: string[] = [];
  let open = 0;
  for (const name of names) {
    const state = await readGenerations(store, NAMESPACE, name);
    if (state.building) open++;
    needed.push(...[state.serving, state.building].flatMap(generation => generation?.id ?? []));
  }
  const kept = [...(await log.topics()), ...(await search.indexes('view.'))].map(({ name }) => name.split('.').at(-1));
  const leftOver = kept.filter(id => id !== undefined && /^[0-9a-f]{12}$/.test(id) && !needed.includes(id)).length;
  return { building: open, leftOver };
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
