// A Topic that gets more partitions under a Pipeline: a process that was not told of it yet may own a new one, and what it has handed on comes again from the next owner.
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { topicOf } from '../../../core/names.ts';
import type { EventLog, OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { eventually } from '../../eventually.ts';
import { openTestStorage, type TestStorage } from '../archive/test-storage.ts';
import { fastWorld, publish, resourcesOf, startPipeline } from './harness.ts';

const CLICKS = topicOf('default', 'clicks');

const resourcesWith = (partitions: number) =>
  resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: { partitions: ${partitions} }
kind: Pipeline; metadata: { name: kept }; spec: { from: { topic: clicks, start: earliest }, to: [{ archive: { format: jsonl, compression: none, roll: { every: 1s } } }] }`);

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

describe('a pipeline whose topic grows', function () {
  this.timeout(60_000);
  let storage: TestStorage;
  let running: RunningPipeline | undefined;
  beforeEach(async () => {
    storage = await openTestStorage();
  });
  afterEach(async () => {
    await running?.close(1000);
    await storage.close();
  });

  const start = async (partitions: number, log: EventLog = storage.log) => {
    const { store, blobs } = storage;
    running = await startPipeline({ world: fastWorld(20), log, store, blobs, resources: resourcesWith(partitions) });
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
});
