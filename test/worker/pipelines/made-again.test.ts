// A Topic that is deleted and made again under a Pipeline: what comes is counted and handed on,
// though its offsets were small once before.
import assert from 'node:assert/strict';
import { topicOf } from '../../../core/names.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { eventsOf, fastWorld, publish, resourcesOf, startPipeline } from './harness.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const WINDOW = `{ tumbling: 10s, by: "\${event.data.page}", aggregate: { "n": count() } }`;

describe('a pipeline whose topic is made again', () => {
  const folders = [temporaryFolder(), temporaryFolder()] as const;
  let log: EventLog;
  let store: Store;
  let running: RunningPipeline | undefined;
  before(async () => {
    log = await openLog(folders[0].file);
    store = await openStore(folders[1].file);
  });
  afterEach(async () => {
    await running?.close(1000);
    running = undefined;
    await log.deleteTopic(topicOf('default', 'clicks'));
  });
  after(async () => {
    await log.close();
    await store.close();
    for (const folder of folders) folder.remove();
  });

  for (const [name, spec] of [
    ['keyed as its windows are', '{ partitions: 1, key: "${event.data.page}" }'],
    ['not', '{ partitions: 1 }'],
  ])
    it(`counts all of it, ${name}`, async () => {
      const results = async () => (await eventsOf(log, 'results')).map(({ data }) => data as { n: number });
      const click = (seconds: number) => publish(log, 'clicks', { page: '/a' }, { key: '/a', time: at(seconds) });
      running = await startPipeline({
        world: fastWorld(20),
        log,
        store,
        resources: resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: ${spec}
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: counts-${spec?.length} }; spec: { from: { topic: clicks, start: latest }, time: { maxDisorder: 2s, idle: never }, steps: [{ window: ${WINDOW} }], to: [{ topic: results }] }`),
      });
      const before = (await results()).length;
      for (const second of [1, 2, 3, 21]) await click(second);
      await eventually(async () => (await results())[before]?.n === 3, 'the first are counted');
      const stages = running.stages;
      const reader = stages.get('source') ?? [...stages.values()][0];
      await eventually(() => reader?.totals.handled === 4, 'they are stored, as they are about to be gone');
      await log.deleteTopic(topicOf('default', 'clicks'));
      await log.ensureTopic(topicOf('default', 'clicks'), { partitions: 1 });
      for (const second of [22, 31, 32, 61]) await click(second);
      await eventually(async () => (await results()).length >= before + 3, 'those of the new one are counted');
      assert.deepEqual(
        (await results()).slice(before, before + 3).map(({ n }) => n),
        [3, 2, 2],
      );
    });
});
