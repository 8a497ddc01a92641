// A Pipeline that reads another Topic than before: its window stops, as offsets and open windows
// are those of the former one.
import assert from 'node:assert/strict';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { stopOf } from '../../../worker/pipeline-plane.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { eventsOf, fastWorld, publishAll, resourcesOf, startPipeline } from './harness.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const KEY = '${event.data.page}';
/** A window by the key of its Topic counts in place. */
const app = (topic: string) =>
  resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: { partitions: 1, key: "${KEY}" }
kind: Topic; metadata: { name: taps }; spec: { partitions: 1, key: "${KEY}" }
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: ${topic}, start: earliest }, time: { maxDisorder: 0s, idle: never }, steps: [{ window: { tumbling: 10s, by: "${KEY}", aggregate: { "n": count() } } }], to: [{ topic: results }] }`);

describe('a Pipeline with a window that reads another Topic than before', () => {
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

  const read = async (topic: string) => {
    await running?.close(1_000);
    running = await startPipeline({ world: fastWorld(20), log, store, resources: app(topic) });
  };
  const publish = (topic: string, ...seconds: readonly number[]) =>
    publishAll(
      log,
      topic,
      seconds.map(second => ({ data: { page: '/a' }, key: '/a', time: at(second) })),
    );
  const counts = async () =>
    (await eventsOf(log, 'results')).map(({ data }) => {
      const { start, n } = data as { readonly start: string; readonly n: number };
      return [new Date(start).getUTCSeconds(), n];
    });
  const become = async (...expected: readonly (readonly number[])[]) => {
    await eventually(async () => (await counts()).length >= expected.length, `${expected.length} results`);
    assert.deepEqual(await counts(), expected);
  };

  it('stops before it counts, says so, and goes on in the former one', async () => {
    await read('clicks');
    await publish('clicks', 1, 2, 3, 4, 5, 12);
    await become([0, 5]);
    await read('taps');
    await publish('taps', 21, 22, 35);
    await eventually(() => stopOf(running) !== undefined, 'that it has stopped');
    assert.match(stopOf(running)?.why ?? '', /reads Topic taps, and its windows have counted another one/);
    await read('clicks');
    await publish('clicks', 13, 21);
    await become([0, 5], [10, 2]);
  });

  it('goes on where it was when it reads the same one', async () => {
    await read('clicks');
    await publish('clicks', 1, 2, 12);
    await become([0, 2]);
    await read('clicks');
    await publish('clicks', 13, 21);
    await become([0, 2], [10, 2]);
  });
});
