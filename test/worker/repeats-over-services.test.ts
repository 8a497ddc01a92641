// Events that are published twice, over a real Kafka and a real Redis with two of each process: a
// Topic that deduplicates, `dedupe`, windows and Views.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { toRecord } from '../../core/cloudevents/record.ts';
import { TenfoldError } from '../../core/errors.ts';
import { topicOf } from '../../core/names.ts';
import { VIEW_RANKING, viewLayoutOf } from '../../core/views/view-layout.ts';
import { realWorld } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { openRedisStore } from '../../drivers/store/redis/redis-store.ts';
import type { Store } from '../../drivers/store/store.ts';
import { createPublishOnce } from '../../gateway/accept/publish-once.ts';
import { createAppender } from '../../gateway/endpoints/appender.ts';
import { viewSpec } from '../../resources/kinds/view.ts';
import type { RunningPipeline } from '../../worker/pipelines/run-pipeline.ts';
import { type RunningView, runView } from '../../worker/views/run-view.ts';
import { compileRanking } from '../../worker/views/shapes/ranking.ts';
import { readAll } from '../contract/event-log/subject.ts';
import { createClients } from '../drivers/event-log/kafka/kafka-cases.ts';
import { eventually } from '../eventually.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { findService } from '../services/service.ts';
import { eventsOf, publishAll, resourcesOf, startPipeline } from './pipelines/harness.ts';

const HOUR_MS = 3_600_000;
const [log, store] = [findService(kafka), findService(redis)];
const brokers = () => (log ?? assert.fail('Kafka is not here.')).url().split(',');
const redisUrl = () => (store ?? assert.fail('Redis is not here.')).url();

const clients = createClients();
const prefix = `repeats-${randomUUID().slice(0, 8)}`;
const stores: Store[] = [];
const running: (RunningPipeline | RunningView)[] = [];
const topics: string[] = [];
const openLog = (): EventLog => clients.open(brokers());
const openStore = async (): Promise<Store> => {
  const opened = await openRedisStore({ world: realWorld, connection: { urls: [redisUrl()] }, prefix });
  stores.push(opened);
  return opened;
};
const newName = (): string => {
  const name = `r${randomUUID().slice(0, 8)}`;
  topics.push(name);
  return name;
};

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
/** Each once, then all of them again, then what closes the window in each partition. */
const publishTwice = async (to: EventLog, topic: string) => {
  const events = Array.from({ length: 30 }, (_, n) => ({
    data: { key: `k${n % 5}`, n },
    id: `${topic}-${n}`,
    key: `k${n % 5}`,
    time: at(n % 9),
  }));
  await publishAll(to, topic, events);
  await publishAll(to, topic, events);
  const ends = [0, 1].map(partition => ({
    // Of a key that belongs there.
    data: { key: ['end', 'the end'][partition], n: 0 },
    partition,
    time: at(1_000),
    id: `end-${partition}`,
  }));
  await publishAll(to, topic, ends);
};

if (log && store)
  describe('events that are published twice, over Kafka and Redis', () => {
    afterEach(async () => {
      await Promise.all(running.splice(0).map(each => each.close(1_000)));
    });
    after(async () => {
      const all = openLog();
      for (const { name } of await all.topics())
        if (topics.some(each => name.includes(each))) await all.deleteTopic(name);
      await clients.closeAll();
      await Promise.all(stores.map(each => each.close()));
    });

    describePublishing();
    describeWindows();
    it('count once in a View', async () => {
      const topic = newName();
      const own = openLog();
      const state = await openStore();
      await own.ensureTopic(topicOf('default', topic), { partitions: 2 });
      const { ranking } = viewSpec.parse({
        from: [topic],
        ranking: { member: '${event.data.key}', score: '${event.data.n}', mode: 'sum' },
      });
      assert.ok(ranking);
      const layout = viewLayoutOf('default', topic, '000000000001');
      const view = await runView({
        world: realWorld,
        log: own,
        store: state,
        search: { ensureIndex: async () => assert.fail(), change: async () => assert.fail() },
        observer: { trouble() {}, superseded() {}, jumped() {}, refused() {} },
        settings: {
          namespace: 'default',
          name: topic,
          layout,
          sources: [topicOf('default', topic)],
          shape: compileRanking(ranking, undefined),
          deadLetterRetention: HOUR_MS,
        },
      });
      running.push(view);
      await publishTwice(own, topic);
      const points = async () => {
        const partitions = Array.from({ length: layout.partitions }, (_, partition) => partition);
        const all = await Promise.all(
          partitions.map(partition => state.top(layout.scopeOf(partition), VIEW_RANKING, { limit: 100 })),
        );
        return all
          .flat()
          .map(({ member, score }) => `${member} ${score}`)
          .sort();
      };
      // Both of each, and the two at the end.
      await eventually(() => view.fold.totals.handled >= 62, 'all are folded');
      assert.deepEqual(await points(), ['end 0', 'k0 75', 'k1 81', 'k2 87', 'k3 93', 'k4 99', 'the end 0']);
    });
  });

function describePublishing(): void {
  it('are in a Topic that deduplicates once, whichever of two gateways takes them', async () => {
    const topic = newName();
    await openLog().ensureTopic(topic, { partitions: 3 });
    const gateways = await Promise.all(
      [0, 1].map(async () => {
        const own = openLog();
        return createPublishOnce({
          world: realWorld,
          store: await openStore(),
          log: own,
          appender: createAppender(realWorld, own),
          namespace: 'default',
          name: topic,
          topic,
          windowMs: HOUR_MS,
        });
      }),
    );
    const ids = Array.from({ length: 40 }, (_, n) => `e${n}`);
    const publish = async (gateway: number) => {
      const records = ids.map(id => toRecord({ specversion: '1.0', id, source: '/t', type: 'T', data: id }, id));
      return Promise.all(
        records.map(async record => {
          let place: string | undefined;
          // While another gateway is at it for long, as on a busy machine, a
          // client is told to try again.
          const isTaken = async () => {
            try {
              const [taken] = (await gateways[gateway]?.publish([record])) ?? [];
              place = taken && 'at' in taken ? `${taken.at.partition}:${taken.at.offset}` : undefined;
              return true;
            } catch (error) {
              if (error instanceof TenfoldError && error.code === 'log-unavailable') return false;
              throw error;
            }
          };
          await eventually(isTaken, 'the event is taken');
          return place;
        }),
      );
    };
    const places = [...(await Promise.all([publish(0), publish(1)])), await publish(0)];
    for (const place of places.flat()) assert.match(place ?? '', /^\d+:\d+$/);
    assert.deepEqual(places[1], places[0]);
    assert.deepEqual(places[2], places[0]);
    const found: string[] = [];
    for (let partition = 0; partition < 3; partition++) {
      for (const { headers } of await readAll(openLog(), topic, partition)) found.push(headers['ce_id'] ?? '');
    }
    assert.deepEqual(found.sort(), ids.toSorted());
  });
}

function describeWindows(): void {
  for (const [name, steps, by] of [
    ['of its Topic', '', '${event.data.key}'],
    ['of another key', '', '${event.data.n % 2 == 0 ? "even" : "odd"}'],
    ['behind dedupe', '{ dedupe: { by: "${event.id}", window: 1h } }, ', '${event.data.key}'],
  ] as const)
    it(`count once in a window ${name} that two workers share`, async () => {
      const topic = newName();
      const own = openLog();
      const resources =
        resourcesOf(`kind: Topic; metadata: { name: ${topic} }; spec: { partitions: 2, key: "\${event.data.key}" }
kind: Topic; metadata: { name: ${topic}-out }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: ${topic} }; spec: { from: { topic: ${topic}, start: earliest }, time: { maxDisorder: 10s, idle: never }, steps: [${steps}{ window: { tumbling: 100s, by: "${by.replaceAll('"', '\\"')}", aggregate: { count: count(), sum: sum(event.data.n) } } }], to: [{ topic: ${topic}-out }] }`);
      for (let worker = 0; worker < 2; worker++) {
        running.push(await startPipeline({ log: openLog(), store: await openStore(), resources }));
      }
      await publishTwice(own, topic);
      const counted = async () => {
        const found = (await eventsOf(own, `${topic}-out`)).map(({ id, data }) => [id, data] as const);
        return [...new Map(found).values()] as { count: number; sum: number }[];
      };
      const total = async () => (await counted()).reduce((sum, { count }) => sum + count, 0);
      await eventually(async () => (await total()) >= 30, 'all windows are closed');
      assert.equal(await total(), 30, 'the counts of all windows');
      assert.equal(
        (await counted()).reduce((sum, each) => sum + each.sum, 0),
        (29 * 30) / 2,
        'the sums of all windows',
      );
      if (name !== 'behind dedupe') return;
      const leftOut = () => running.map(each => ('leftOut' in each ? each.leftOut.deduplicated : 0));
      const all = () => leftOut().reduce((sum, each) => sum + each, 0);
      // A worker counts once it has kept its position, which may be after the
      // windows have their events.
      await eventually(() => all() >= 30, 'the workers count what dedupe left out');
      assert.equal(all(), 30, `tenfold_pipeline_deduplicated_total of the workers together: ${leftOut().join(' + ')}`);
    });
}
