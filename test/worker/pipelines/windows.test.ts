// Windows of a pipeline over the real log and store.
import assert from 'node:assert/strict';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { eventsOf, fastWorld, publish, resourcesOf, startPipeline } from './harness.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, 0) + seconds * 1000).toISOString();
const app = (topic: string, window: string, more = '') =>
  resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: ${topic}
kind: Topic; metadata: { name: late }; spec: {}
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: clicks, start: earliest }, time: { maxDisorder: 2s, idle: 1s }, steps: [${more}{ window: ${window} }], to: [{ topic: results }] }`);
const PAGE = '${event.data.page}';

describe('windows of a pipeline', function () {
  this.timeout(20_000);
  let log: EventLog;
  let store: Store;
  let running: RunningPipeline | undefined;
  const folders: { remove(): void }[] = [];

  beforeEach(async () => {
    const [one, other] = [temporaryFolder(), temporaryFolder()];
    folders.push(one, other);
    log = await openLog(one.file);
    store = await openStore(other.file);
  });
  afterEach(async () => {
    await running?.close(1_000);
    running = undefined;
    await log.close();
    await store.close();
    for (const folder of folders.splice(0)) folder.remove();
  });

  const results = async () =>
    (await eventsOf(log, 'results'))
      .map(({ data }) => data)
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const click = (page: string, seconds: number, more: object = {}) =>
    publish(log, 'clicks', { page, ...more }, { key: page, time: at(seconds) });

  for (const [name, topic] of [
    ['over a topic that is keyed as they are', `{ partitions: 2, key: "${PAGE}" }`],
    ['over any topic', '{ partitions: 2 }'],
  ] as const) {
    it(`count each key apart, ${name}, and are closed when time has come so far`, async () => {
      running = await startPipeline({
        world: fastWorld(20),
        log,
        store,
        resources: app(topic, `{ tumbling: 10s, by: "${PAGE}", aggregate: { n: count(), ms: sum(event.data.ms) } }`),
      });
      for (const second of [1, 5, 9, 4, 12, 21]) await click('/a', second, { ms: second });
      await click('/b', 3, { ms: 2.5 });
      await eventually(async () => (await results()).length === 4, 'all are closed', 10_000);
      assert.deepEqual(await results(), [
        { key: '/a', start: at(0), end: at(10), n: 4, ms: 19 },
        { key: '/a', start: at(10), end: at(20), n: 1, ms: 12 },
        { key: '/a', start: at(20), end: at(30), n: 1, ms: 21 },
        { key: '/b', start: at(0), end: at(10), n: 1, ms: 2.5 },
      ]);
      const ids = (await eventsOf(log, 'results')).map(({ id }) => id);
      assert.equal(new Set(ids).size, 4);
    });
  }
});
