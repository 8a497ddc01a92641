// Counts a backlog in windows, alone in its process, and prints what that cost, as JSON. Arguments:
// subject, events, and how many of them, the first, are not measured.
// With BROKERS and REDIS the log is in Kafka and the state in Redis.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toRecord } from '../../../core/cloudevents/record.ts';
import { topicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import { openRedisStore } from '../../../drivers/store/redis/redis-store.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { openStorage } from '../../../server/storage/open-storage.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import { runPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';

const [subject = 'built-in', count = '1000000', unmeasured = '0'] = process.argv.slice(2);
const [events, warm] = [Number(count), Number(unmeasured)];
const PARTITIONS = 4;
const KEYS = 10_000;
const PAGE = '${event.data.page}';
const SITE = "${event.data.site + '/' + event.data.page}";

/** The key of the Topic, and the steps that count. */
const subjects: Readonly<Record<string, readonly [key: string, steps: string]>> = {
  'built-in': [
    PAGE,
    `{ window: { tumbling: 10s, by: "${PAGE}", aggregate: { views: count(), ms: sum(event.data.ms) } } }`,
  ],
  cel: [
    SITE,
    `{ filter: "\${!event.data.bot && event.data.ms >= 0.0}" }, { window: { tumbling: 10s, by: "${SITE}", aggregate: { views: count(), ms: sum(event.data.ms) } } }`,
  ],
  users: [
    PAGE,
    `{ window: { tumbling: 10s, by: "${PAGE}", aggregate: { views: count(), users: distinct(event.data.user) } } }`,
  ],
  'by another key': [
    '${event.data.user}',
    `{ window: { tumbling: 10s, by: "${PAGE}", aggregate: { views: count(), ms: sum(event.data.ms) } } }`,
  ],
};
const [key, steps] = subjects[subject] ?? ['', ''];
const text = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: clicks }
spec: { partitions: ${PARTITIONS}, key: "${key}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: results }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: counts }
spec: { from: { topic: clicks, start: earliest }, steps: [${steps}], to: [{ topic: results }] }
`;

// Beside this script and not in the folder for temporary files, which may be in memory.
const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
const storage = await openStorage(realWorld, folder);
if (storage === undefined) throw new Error('There is no storage.');
const { BROKERS, REDIS } = process.env;
const log = BROKERS
  ? openKafkaEventLog({ world: realWorld, connection: { brokers: BROKERS.split(',') } })
  : storage.log;
const store = REDIS ? await openRedisStore({ world: realWorld, connection: { urls: [REDIS] } }) : storage.store;
const resources = createResourceSet(loadText('app.yaml', text).resources);
const { pipelines, topics, findings } = compileEvents(resources, { storage: true, kafka: false });
const [plan] = pipelines;
if (plan === undefined || findings.length > 0) throw new Error(findings[0]?.message ?? 'There is no pipeline.');
for (const { name, settings } of topics) await log.ensureTopic(name, settings);
await fill();

const problem = (message: string, error: unknown) => {
  throw new Error(message, { cause: error });
};
const none = () => {
  throw new Error('Nothing is called.');
};
let [before, started, first] = [process.cpuUsage(), performance.now(), 0];
const running = await runPipeline({
  deps: {
    world: realWorld,
    log,
    store,
    blobs: undefined,
    signals: { changed() {}, watch: none } as never,
    resources: () => resources,
    callerOf: none,
    strangerOf: none,
    secrets: () => undefined,
    problem,
  },
  plan,
  observer: {
    trouble: (_, error) => problem('trouble', error),
    superseded() {},
    jumped() {},
    refused: (_, __, error) => problem('refused', error),
  },
  dispatchObserverFor: () => silentObserver,
});
const stage = [...running.stages.values()].at(0);
const handled = () => stage?.totals.handled ?? 0;
if (warm > 0) {
  while (handled() < warm) await sleep(5);
  [before, started, first] = [process.cpuUsage(), performance.now(), handled()];
}
while (handled() < events) await sleep(5);
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const emitted = [...running.windows.values()].reduce((sum, each) => sum + each.emitted, 0);
console.log(
  JSON.stringify({
    rate: (events - first) / seconds,
    cpuUs: (user + system) / (events - first),
    emitted,
    rssMb: process.memoryUsage.rss() / 2 ** 20,
  }),
);
await running.close(1000);
if (log !== storage.log) await log.close();
if (store !== storage.store) await store.close();
await storage.close();
rmSync(folder, { recursive: true, force: true });

/** An event each 10 µs of their own time; 200 bytes of data. */
async function fill(): Promise<void> {
  const topic = topicOf('default', 'clicks');
  const begin = Date.UTC(2026, 0, 1);
  for (let from = 0; from < events; from += 1000) {
    const records = Array.from({ length: Math.min(1000, events - from) }, (_, index) => {
      const n = from + index;
      const page = `/products/${(n * 7919) % KEYS}`;
      const user = `user-${(n * 104_729) % 50_000}`;
      const data = {
        page,
        site: 'shop.example',
        user,
        ms: n % 900,
        bot: false,
        agent: 'Mozilla/5.0 (X11; Linux x86_64) Gecko',
        referrer: 'https://search.example/?q=shoes',
      };
      const time = new Date(begin + n / 100).toISOString();
      const keyed = key === PAGE ? page : key === SITE ? `shop.example/${page}` : user;
      const record = toRecord(
        { specversion: '1.0', id: `click-${n}`, source: '/web', type: 'PageViewed', time, data },
        keyed,
      );
      return { ...record, partition: partitionOf(keyed, PARTITIONS) };
    });
    await log.append(topic, records);
  }
}
