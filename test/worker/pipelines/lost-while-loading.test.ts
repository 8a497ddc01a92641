// A store loses its newest step while a worker loads the state of windows: what it has read from
// before and from after that makes no result.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { pipelineGroupOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { windowScopeOf } from '../../../worker/pipelines/run-window.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { eventsOf, publishAll, resourcesOf, startPipeline } from './harness.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const resources = resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: { partitions: 1 }
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: clicks, start: earliest }, time: { maxDisorder: 0s, idle: never }, steps: [{ window: { tumbling: 10s, by: "\${event.data.key}", aggregate: { "n": count() } } }], to: [{ topic: results }] }`);

/**
 * The first load of each partition reads of `newer` what a window has seen. All else of it is lost.
 */
function losing(older: Store, newer: Store): Store {
  const asked = new Map<string, number>();
  const own: Pick<Store, 'server' | 'scan' | 'apply'> = {
    async server(scope) {
      const times = asked.get(scope) ?? 0;
      asked.set(scope, times + 1);
      return times === 0 ? 'before' : 'after';
    },
    scan(scope, table, scan) {
      const isEarly = asked.get(scope) === 1 && ['tenfold.seen', 'tenfold.repeats'].includes(table);
      return (isEarly ? newer : older).scan(scope, table, scan);
    },
    async apply(scope, changes, fence) {
      if (fence?.server === undefined) return older.apply(scope, changes, fence);
      const { server, ...rest } = fence;
      if (server === 'after') return older.apply(scope, changes, rest);
      return { applied: false, position: await older.position(scope, fence.consumer, fence.partition) };
    },
  };
  return Object.assign(Object.create(older), own);
}

describe('windows of a store that loses its newest step while they are loaded', () => {
  const folders = [temporaryFolder(), temporaryFolder(), temporaryFolder()] as const;
  let log: EventLog;
  before(async () => {
    log = await openLog(folders[0].file);
  });
  after(async () => {
    await log.close();
    for (const folder of folders) folder.remove();
  });

  /** Runs the pipeline over events at these seconds until so many are counted, and told. */
  const run = async (store: Store, seconds: readonly number[], counted: number, told: number) => {
    const running = await startPipeline({ world: realWorld, log, store, resources });
    const [window = assert.fail('no window')] = running.windows.keys();
    const events = seconds.map(second => ({ data: { key: 'a' }, key: 'a', time: at(second) }));
    await publishAll(log, 'clicks', events);
    await eventually(() => isCounted(store, window, counted), `${counted} events are counted`);
    // A window stores what it hands on before it does.
    await eventually(async () => (await results()).length >= told, `${told} results are there`);
    await running.close(1_000);
  };
  /** So many events are in the topic of the window, and all of it is counted and stored. */
  const isCounted = async (store: Store, window: string, events: number) => {
    const topic = `${pipelineGroupOf('default', 'counts')}.${window}`;
    let found = 0;
    for (const [partition, { end }] of ((await log.bounds(topic)) ?? []).entries()) {
      const row = await store.row(windowScopeOf('default', 'counts', window, partition), 'clock', 'clock');
      const { offset } = row ? JSON.parse(Buffer.from(row.value).toString()) : { offset: 0 };
      if (offset < end) return false;
      const { records } = await log.read(topic, partition, 0, { maxRecords: 1_000, maxBytes: 1 << 22 });
      found += records.filter(({ headers }) => headers['tenfold-clock'] === undefined).length;
    }
    return found === events;
  };
  const results = async () => (await eventsOf(log, 'results')).map(({ data }) => (data as { n: number }).n);

  it('hand on what the events say, and that alone', async () => {
    const [, older, newer] = folders;
    const store = await openStore(older.file);
    await run(store, [1, 2], 2, 0);
    await store.close();
    copyFileSync(older.file, newer.file);
    const ahead = await openStore(newer.file);
    // The last one closes the window.
    await run(ahead, [3, 4, 100], 5, 1);
    const behind = await openStore(older.file);
    await run(losing(behind, ahead), [], 5, 2);
    // The same result twice is one.
    assert.deepEqual(await results(), [4, 4]);
    await ahead.close();
    await behind.close();
  });
});
