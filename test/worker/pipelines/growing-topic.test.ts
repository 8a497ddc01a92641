// A Topic that gets more partitions under a Pipeline: a process that was not told of it yet may own
// a new one, and what it has handed on comes again from the next owner.
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { pipelineGroupOf, topicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog, OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import { formatMark, SOURCE_HEADER } from '../../../worker/fold/source-mark.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { eventually } from '../../eventually.ts';
import { openTestStorage, type TestStorage } from '../archive/test-storage.ts';
import { eventsOf, fastWorld, publish, resourcesOf, startPipeline } from './harness.ts';

const CLICKS = topicOf('default', 'clicks');

const ARCHIVED =
  'from: { topic: clicks, start: earliest }, to: [{ archive: { format: jsonl, compression: none, roll: { every: 1s } } }]';
const COUNTED =
  'from: { topic: clicks, start: earliest }, time: { maxDisorder: 2s, idle: 1h }, steps: [{ window: { tumbling: 10s, aggregate: { count: count() } } }], to: [{ topic: results }]';

const FILTERED =
  'from: { topic: clicks, start: earliest }, steps: [{ filter: "${event.data.n > 1}" }], to: [{ topic: results }]';

const resourcesWith = (partitions: number, pipeline: string) =>
  resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: { partitions: ${partitions} }
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: kept }; spec: { ${pipeline} }`);

/** Of its groups none keeps a position in the topic. */
function withoutCommits(log: EventLog, topic: string): EventLog {
  return {
    ...log,
    join: options =>
      log.join({
        ...options,
        assigned(owned) {
          const lost: OwnedPartition = { ...owned, commit: () => Promise.reject(new Error('The process was killed.')) };
          options.assigned(options.topics.includes(topic) ? lost : owned);
        },
      }),
  };
}

describe('a pipeline whose topic grows', () => {
  let storage: TestStorage;
  let running: RunningPipeline | undefined;
  beforeEach(async () => {
    storage = await openTestStorage();
  });
  afterEach(async () => {
    await running?.close(1000);
    await storage.close();
  });

  const start = async (partitions: number, log: EventLog = storage.log, pipeline = ARCHIVED) => {
    const { store, blobs } = storage;
    const resources = resourcesWith(partitions, pipeline);
    running = await startPipeline({ world: fastWorld(20), log, store, blobs, resources });
  };
  const archived = async () => {
    const { blobs } = await storage.blobs.list('archive/', { limit: 100 });
    const files = blobs.filter(({ key }) => key.endsWith('.jsonl')).map(({ key }) => storage.blobs.get(key));
    const texts = await Promise.all(files.map(async file => text((await file)?.body ?? assert.fail('It is gone.'))));
    return texts
      .flatMap(lines => lines.split('\n').filter(Boolean))
      .map(line => String(JSON.parse(line).id))
      .sort();
  };

  const handOn = async (ids: readonly string[]) => {
    for (const id of ids) await publish(storage.log, 'clicks', {}, { partition: 2, id });
    const last = ids.at(-1) ?? assert.fail('There are none.');
    await eventually(async () => (await archived()).includes(last), `${last} is archived`);
  };

  it('archives each event of a new partition once, whoever knows of it', async () => {
    await start(2, withoutCommits(storage.log, CLICKS));
    await storage.log.ensureTopic(CLICKS, { partitions: 3 });
    await handOn(['a', 'b', 'c']);
    await running?.close(1000);
    await start(3);
    await handOn(['d']);
    assert.deepEqual(await archived(), ['a', 'b', 'c', 'd']);
  });

  it('goes on where it is started with fewer partitions than the topic has', async () => {
    await storage.log.ensureTopic(CLICKS, { partitions: 3 });
    await start(2);
    await handOn(['a']);
    await running?.close(1000);
    await start(2);
    await handOn(['b']);
    assert.deepEqual(await archived(), ['a', 'b']);
  });

  const refuse = async (id: string, partition: number) => {
    const refused = () => running?.stages.get('source')?.totals.refused ?? 0;
    const before = refused();
    await publish(storage.log, 'clicks', {}, { partition, id });
    await eventually(() => refused() > before, `${id} is given up`);
  };
  const lettersOf = async () => {
    const letters = createDeadLetters(realWorld, storage.log, pipelineGroupOf('default', 'kept'));
    return (await letters.list({}, 100)).letters.map(({ id, eventId }) => `${id} ${eventId}`);
  };

  it('has one dead letter of each event of a new partition that nothing can be made of, whoever knows of it', async () => {
    await start(2, withoutCommits(storage.log, CLICKS), FILTERED);
    await storage.log.ensureTopic(CLICKS, { partitions: 3 });
    await refuse('a', 0);
    await refuse('b', 2);
    await running?.close(1000);
    await start(3, storage.log, FILTERED);
    await refuse('c', 0);
    await refuse('d', 2);
    await eventually(() => running?.stages.get('source')?.totals.refused === 4, 'all are given up again');
    assert.deepEqual((await lettersOf()).sort(), ['0-0 a', '0-1 c', '2-0 b', '2-1 d']);
    await running?.close(1000);
    await start(2, storage.log, FILTERED);
    await refuse('e', 2);
    assert.equal((await lettersOf()).length, 5);
  });

  it('has a dead letter of what its archive can make nothing of beside that of its source at the same place', async () => {
    const both = `${FILTERED.split(', to:')[0]}, to: [{ archive: { format: jsonl } }]`;
    await start(1, storage.log, both);
    await refuse('a', 0);
    const [[name = '', archive] = []] = [...(running?.stages ?? [])].filter(([stage]) => stage !== 'source');
    const internal = `${pipelineGroupOf('default', 'kept')}.${name}`;
    const headers = { [SOURCE_HEADER]: formatMark({ topic: CLICKS, partition: 0, offset: 7, index: 0 }) };
    await storage.log.append(internal, [{ key: null, partition: 0, value: Buffer.from('?'), headers }]);
    await eventually(() => archive?.totals.refused === 1, 'its archive gives one up');
    const letters = await lettersOf();
    assert.equal(letters.length, 2);
    assert.equal(letters[0], '0-0 a');
  });

  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
  const click = (second: number, partition: number) =>
    publish(storage.log, 'clicks', {}, { partition, time: at(second) });
  /** What is behind it must not be handed on before it. */
  const clickAndWait = async (second: number, partition: number, handled: number) => {
    await click(second, partition);
    await eventually(() => running?.stages.get('source')?.totals.handled === handled, `${handled} are handed on`);
  };
  for (const [name, comesLater] of [
    ['that it was not told of', false],
    ['that came while it ran', true],
  ] as const)
    it(`knows by a partition ${name}, too, how far time has come`, async () => {
      await storage.log.ensureTopic(CLICKS, { partitions: comesLater ? 2 : 3 });
      await start(2, storage.log, COUNTED);
      if (comesLater) await storage.log.ensureTopic(CLICKS, { partitions: 3 });
      await clickAndWait(1, 2, 1);
      await clickAndWait(31, 0, 2);
      await clickAndWait(31, 1, 3);
      await clickAndWait(3, 2, 4);
      await click(31, 2);
      const counts = async () => (await eventsOf(storage.log, 'results')).map(({ data }) => data);
      await eventually(async () => (await counts()).length > 0, 'the first window is closed');
      const [first] = await counts();
      assert.deepEqual(first, { start: at(0), end: at(10), count: 2 });
    });
});
