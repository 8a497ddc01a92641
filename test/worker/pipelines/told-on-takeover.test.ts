// A worker takes over right after the last event, before the former one has told all windows of its
// time: they close all the same.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { pipelineGroupOf, topicOf } from '../../../core/names.ts';
import { realWorld, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { Caller } from '../../../worker/deliver/caller.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { eventsOf, fastWorld, publishAll, resourcesOf, startPipeline } from './harness.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const echo: Caller = {
  label: 'function enrich',
  call: async ({ body }) => ({
    status: 200,
    headers: ['content-type', 'application/json'],
    body: Buffer.from(String(body)),
  }),
};
const CALL = '{ map: { function: enrich } }, ';
/** One key in each of the window's partitions. */
const KEYS = Array.from({ length: 8 }, (_, partition) => {
  for (let tried = 0; ; tried++) if (partitionOf(`k${tried}`, 8) === partition) return `k${tried}`;
});
const app = (steps: string) =>
  resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: { partitions: 2 }
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Function; metadata: { name: enrich }; spec: { url: "http://enrich.example" }
kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: clicks, start: earliest }, time: { maxDisorder: 2s, idle: never }, steps: [${steps}{ window: { tumbling: 10s, by: "\${event.data.key}", aggregate: { "n": count() } } }], to: [{ topic: results }] }`);

/**
 * It has told the first event of each partition, and its clock stands still: the time to
 * tell of another never comes.
 */
const standing = (): World => {
  const now = realWorld.monotonic();
  return { ...realWorld, monotonic: () => now };
};

/** From then on no clock record is taken. */
function mute(log: EventLog): EventLog & { isMute: boolean } {
  const append: EventLog['append'] = async (topic, records) => {
    if (muted.isMute && records.some(({ headers }) => headers['tenfold-clock'] !== undefined))
      throw new TenfoldError('log-unavailable', 'The log cannot be reached.');
    return log.append(topic, records);
  };
  const muted = Object.create(log, { append: { value: append }, isMute: { value: false, writable: true } });
  return muted;
}

describe('a worker that takes over right after the last event', () => {
  const folders = [temporaryFolder(), temporaryFolder()] as const;
  let log: EventLog;
  let store: Store;
  let running: RunningPipeline | undefined;

  beforeEach(async () => {
    log = await openLog(folders[0].file);
    store = await openStore(folders[1].file);
  });
  afterEach(async () => {
    await running?.close(1_000);
    running = undefined;
    for (const { name } of await log.topics()) await log.deleteTopic(name);
    await log.close();
    await store.close();
    for (const folder of folders) folder.remove();
  });

  const group = pipelineGroupOf('default', 'counts');
  const settledAt = async (reader: string, topic: string) =>
    (await log.positions(reader, topic)).map(position => position?.offset ?? 0);
  /** The window's records of one partition: clock records and events. */
  const windowRecords = async () => {
    const [window] = running?.windows.keys() ?? [];
    return (await log.read(`${group}.${window}`, 0, 0, { maxRecords: 10_000, maxBytes: 1 << 24 })).records;
  };
  const isTold = async (source: number) =>
    (await windowRecords()).some(({ headers }) => new RegExp(`^${source},\\d`).test(headers['tenfold-clock'] ?? ''));
  const closed = async () => (await eventsOf(log, 'results')).map(({ data }) => (data as { key: string }).key).sort();
  const both = (seconds: number, key = (partition: number) => KEYS[partition] ?? '') =>
    [0, 1].map(partition => ({ data: { key: key(partition) }, time: at(seconds), partition }));

  for (const [way, steps, world] of [
    ['in the order of its events', '', standing()],
    ['in any order, behind a function', CALL, fastWorld(20)],
  ] as const) {
    it(`tells the windows of its time, where they come ${way}`, async () => {
      const resources = app(steps);
      const former = mute(log);
      running = await startPipeline({ world, log: former, store, resources, caller: echo });
      const reader = steps === '' ? group : `${group}.calling0`;
      const topic = steps === '' ? topicOf('default', 'clicks') : reader;
      await publishAll(log, 'clicks', both(1));
      await eventually(async () => (await isTold(0)) && (await isTold(1)), 'the first event of each is told');
      former.isMute = true;
      // A window of another partition than those of the first events has to hear of it, too.
      await publishAll(
        log,
        'clicks',
        both(100, partition => KEYS[partition + 2] ?? ''),
      );
      const isDone = async () => (await settledAt(reader, topic)).every(offset => offset === 2);
      await eventually(isDone, 'the last events are done');
      await running.close(1_000);
      assert.deepEqual(await closed(), []);

      running = await startPipeline({ world: fastWorld(20), log, store, resources, caller: echo });
      await eventually(async () => (await closed()).length === 2, 'both windows are closed');
      assert.deepEqual(await closed(), [KEYS[0], KEYS[1]].sort());
    });
  }
});
