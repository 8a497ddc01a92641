// Folds a backlog into one View, alone in its process, then asks it, and prints what that cost, as
// JSON. Arguments: subject, events, questions, and where documents are searched in Elasticsearch
// its URL. With BROKERS and REDIS the log is in Kafka and the state in Redis.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toRecord } from '../../../core/cloudevents/record.ts';
import { topicOf } from '../../../core/names.ts';
import { viewLayoutOf } from '../../../core/views/view-layout.ts';
import { realWorld } from '../../../core/world.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { openElasticsearch } from '../../../drivers/search-index/elasticsearch/elasticsearch-search-index.ts';
import { openRedisStore } from '../../../drivers/store/redis/redis-store.ts';
import { readTop } from '../../../gateway/views/read-ranking.ts';
import { readRow } from '../../../gateway/views/read-rows.ts';
import { searchView } from '../../../gateway/views/search-view.ts';
import { readViewQuery } from '../../../gateway/views/view-query.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { openStorage } from '../../../server/storage/open-storage.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';
import { runView } from '../../../worker/views/run-view.ts';
import { sentence, WORDS } from './sentences.ts';

const [subject = 'table', count = '200000', asked = '2000', elasticsearch] = process.argv.slice(2);
const events = Number(count);
const questions = Number(asked);
const PARTITIONS = 4;
const BATCH = 1_000;
/** Batch after batch, each twice. */
const isTwice = subject === 'table, each published twice';

const AUTHORS = subject === 'aggregate, 10,000 keys' ? 10_000 : 5_000;

const shapes: Readonly<Record<string, string>> = {
  table: 'table: { key: "${event.data.id}" }',
  'table, each published twice': 'table: { key: "${event.data.id}" }',
  'table, two indexes': 'table: { key: "${event.data.id}", indexes: [author, [author, likes]] }',
  ranking: 'ranking: { member: "${event.data.id}", score: "${event.data.likes}", limit: 1000000 }',
  'aggregate, 10,000 keys':
    'aggregate: { by: "${event.data.author}", values: { tweets: count(), likes: sum(event.data.likes) } }',
  search: `search:
    id: "\${event.data.id}"
    fields:
      text: { type: text, language: en, fuzzy: true, phonetic: true, suggest: true }
      author: { type: keyword }
      likes: { type: number }`,
};
const text = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: tweets }
spec: { partitions: ${PARTITIONS} }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: view }
spec:
  from: [tweets]
  ${shapes[subject] ?? ''}
`;

// Beside this script and not in the folder for temporary files, which may be in memory.
const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const storage = (await openStorage(realWorld, folder)) ?? process.exit(1);
const { BROKERS, REDIS } = process.env;
const log = BROKERS
  ? openKafkaEventLog({ world: realWorld, connection: { brokers: BROKERS.split(',') } })
  : storage.log;
const store = REDIS ? await openRedisStore({ world: realWorld, connection: { urls: [REDIS] } }) : storage.store;
const search =
  elasticsearch === undefined
    ? storage.search
    : await openElasticsearch({
        world: realWorld,
        connection: { nodes: [elasticsearch] },
        prefix: `bench-${process.pid}-`,
      });
const resources = createResourceSet(loadText('app.yaml', text).resources);
const { views, topics, findings } = compileEvents(resources, { storage: true, kafka: false });
const [plan] = views;
const [resource] = resources.ofKind('View');
const topic = topicOf('default', 'tweets');
const generation = {
  id: '0123456789ab',
  definition: plan?.definition ?? '',
  manifest: {},
  sources: [{ name: 'tweets', topic }],
  since: 0,
};
const settings = plan?.settingsOf(generation);
if (settings === undefined || resource === undefined || findings.length > 0) throw new Error('There is no such View.');
for (const each of topics) await log.ensureTopic(each.name, each.settings);
await fill();

const fail = (error: unknown) => {
  throw new Error('Something did not work.', { cause: error });
};
const before = process.cpuUsage();
const started = performance.now();
const running = await runView({
  world: realWorld,
  log,
  store,
  search,
  settings,
  observer: {
    // A service may be slow; then it is tried again, and takes as long as it takes.
    trouble: (_, error) => elasticsearch === undefined && !REDIS && fail(error),
    superseded() {},
    jumped() {},
    refused: (_, __, error) => fail(error),
  },
});
while (running.fold.totals.handled < events) await sleep(5);
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
await running.close(1000);

const layout = viewLayoutOf('default', 'view', generation.id);
if (subject === 'search') await search.refresh(layout.index);
const took: number[] = [];
for (let n = 0; n < questions; n++) {
  const began = performance.now();
  await ask(n);
  took.push(performance.now() - began);
}
took.sort((a, b) => a - b);
const at = (part: number) => took[Math.floor(took.length * part)] ?? Number.NaN;
const cpuUs = (user + system) / events;
const rssMb = process.memoryUsage.rss() / 2 ** 20;
console.log(JSON.stringify({ rate: events / seconds, cpuUs, rssMb, p50: at(0.5), p99: at(0.99) }));
if (elasticsearch !== undefined) {
  await search.dropIndex(layout.index);
  await search.close();
}
if (log !== storage.log) await log.close();
if (store !== storage.store) await store.close();
await storage.close();

async function ask(n: number): Promise<unknown> {
  if (subject.startsWith('table')) return readRow(store, layout, `tweet-${(n * 7919) % events}`);
  if (subject.startsWith('aggregate')) return readRow(store, layout, authorOf(n));
  if (subject === 'ranking') return readTop(store, layout, 100);
  const one = WORDS[(n * 31) % WORDS.length] ?? '';
  const other = WORDS[(n * 17 + 5) % WORDS.length] ?? '';
  const typo = `${one.slice(0, 2)}${one.slice(3)}`;
  const query = [
    `q=${one}+${other}`,
    `q=${typo}&limit=10`,
    `q=${one}&filter=likes:100..&sort=-likes`,
    `suggest=${one.slice(0, 3)}`,
  ];
  const question = resource && readViewQuery(resource, query[n % query.length] ?? '');
  if (question?.kind !== 'search' && question?.kind !== 'suggest') throw new Error('That is no question.');
  return searchView(search, layout.index, question);
}

function authorOf(n: number): string {
  return `author-${(n * 7919) % AUTHORS}`;
}

/**
 * About 200 bytes of data each; every event is of another row, member or document, unless it is
 * one that is published again. Only an aggregate has several events for each row.
 */
async function fill(): Promise<void> {
  for (let from = 0; from < events; from += BATCH) {
    const first = isTwice ? Math.floor(from / BATCH / 2) * BATCH : from;
    const records = Array.from({ length: Math.min(BATCH, events - from) }, (_, index) => {
      const n = first + index;
      const data = {
        id: `tweet-${n}`,
        author: authorOf(n),
        likes: (n * 31) % 1000,
        text: sentence(n),
      };
      const event = { specversion: '1.0', id: `e-${n}`, source: '/social', type: 'TweetCreated', data } as const;
      return { ...toRecord(event, null), partition: n % PARTITIONS };
    });
    await log.append(topic, records);
  }
}
