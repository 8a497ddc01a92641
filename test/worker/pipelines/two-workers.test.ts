// Two workers that share a Pipeline over a real Kafka, each with partitions of its own: silence,
// bursts, a backlog and a restart make nothing late that comes in order.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { pipelineGroupOf, topicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { createClients } from '../../drivers/event-log/kafka/kafka-cases.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';
import { eventsOf, fastWorld, publishAll, resourcesOf, startPipeline } from './harness.ts';
import { dailyOf, endOf, flightsOf, saidOf, sorted } from './in-order.ts';

const DAY_MS = 86_400_000;
const PARTITIONS = 4;
const service = findService(kafka);

if (service)
  describe('two workers with a pipeline over Kafka', () => {
    const clients = createClients();
    const folder = temporaryFolder();
    const name = `w${randomUUID().slice(0, 8)}`;
    let store: Store;
    let log: EventLog;
    const workers = new Set<RunningPipeline>();

    before(async () => {
      store = await openStore(folder.file);
      log = clients.open(service.url().split(','));
    });
    after(async () => {
      for (const worker of workers) await worker.close(1_000);
      for (const topic of await log.topics()) if (topic.name.includes(name)) await log.deleteTopic(topic.name);
      await clients.closeAll();
      await store.close();
      folder.remove();
    });

    const resources = resourcesOf(`kind: Topic; metadata: { name: ${name} }; spec: { partitions: ${PARTITIONS} }
kind: Topic; metadata: { name: ${name}-out }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: ${name} }; spec: { from: { topic: ${name}, start: earliest }, time: { maxDisorder: 10m, idle: 2s }, steps: [{ window: { tumbling: 1d, by: "\${event.data.from}", aggregate: { count: count(), sum: sum(event.data.delay) } } }], to: [{ topic: ${name}-out }] }`);
    const group = pipelineGroupOf('default', name);

    /** By a clock of its own, which is hours off the other's, and runs otherwise. */
    const startWorker = async (hours: number, factor: number) => {
      const world = { ...fastWorld(factor), now: () => realWorld.now() + hours * 3_600_000 };
      const worker = await startPipeline({ world, log: clients.open(service.url().split(',')), store, resources });
      workers.add(worker);
      return worker;
    };
    const stop = async (worker: RunningPipeline) => {
      workers.delete(worker);
      await worker.close(1_000);
    };
    const owned = (worker: RunningPipeline) => worker.stages.get('source')?.partitions.length ?? 0;
    const late = () =>
      [...workers].flatMap(({ windows }) => [...windows.values()]).reduce((sum, each) => sum + each.late, 0);
    /** Clocks by which each partition said that it was silent, so far. */
    const silences = async (topic: string) => {
      const counts = new Map<string, number>();
      for (let from = 0; ; ) {
        const { records, next } = await log.read(topic, 0, from, { maxRecords: 10_000, maxBytes: 1 << 24 });
        for (const { headers } of records) {
          const [source = '', , , ms] = headers['tenfold-clock']?.split(',') ?? [];
          if (ms) counts.set(source, (counts.get(source) ?? 0) + 1);
        }
        if (records.length === 0) return counts;
        from = next;
      }
    };
    const beSilent = async () => {
      const [worker] = workers;
      const [window] = worker?.windows.keys() ?? [];
      const topic = `${group}.${window}`;
      const before = await silences(topic);
      const isSilent = async () => {
        const now = await silences(topic);
        return [...Array(PARTITIONS).keys()].every(of => (now.get(`${of}`) ?? 0) > (before.get(`${of}`) ?? 0));
      };
      await eventually(isSilent, 'all partitions are silent');
    };

    it('count all that comes in order', async () => {
      const flights = flightsOf(6_000, PARTITIONS, 590_000);
      const publish = async (from: number, to: number) => {
        for (let at = from; at < to; at += 100) await publishAll(log, name, flights.slice(at, Math.min(at + 100, to)));
      };
      const one = await startWorker(-5, 5);
      const two = await startWorker(7, 12);
      await eventually(() => owned(one) === 2 && owned(two) === 2, 'each has two of the partitions');
      await beSilent();
      await publish(0, 2_000);
      await beSilent();
      await publish(2_000, 2_500);
      // What comes while one is away waits for the other, or for the next one.
      await stop(one);
      await publish(2_500, 3_500);
      const three = await startWorker(0, 20);
      await publish(3_500, 4_000);
      await beSilent();
      await stop(two);
      await stop(three);
      await publish(4_000, 5_000);
      await startWorker(1, 20);
      await startWorker(-1, 3);
      await publish(5_000, 6_000);
      await publishAll(log, name, endOf(PARTITIONS));

      const expected = sorted(dailyOf(flights, DAY_MS));
      const said = async () => sorted(saidOf(await eventsOf(log, `${name}-out`)));
      await eventually(async () => (await said()).length >= expected.length, 'all windows are closed');
      const isRight = async () => JSON.stringify(await said()) === JSON.stringify(expected);
      await eventually(isRight, 'all are right').catch(async () => assert.deepEqual(await said(), expected));
      assert.equal(late(), 0);
      assert.deepEqual((await createDeadLetters(realWorld, log, group).list({}, 10)).letters, []);
      assert.ok(
        (await log.bounds(topicOf('default', name)))?.every(({ end }) => end > 1_000),
        'all have had events',
      );
    });
  });
