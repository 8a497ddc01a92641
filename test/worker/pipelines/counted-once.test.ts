// Counts of what a pipeline leaves out: what is read again, as its position could
// not be kept, counts once.
import assert from 'node:assert/strict';
import type { EventLog, OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { Caller } from '../../../worker/deliver/caller.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { eventually } from '../../eventually.ts';
import { openTestStorage, type TestStorage } from '../archive/test-storage.ts';
import { eventsOf, fastWorld, publishAll, resourcesOf, startPipeline } from './harness.ts';

const FAILURES = 2;

/** The first commits fail, as they do once another worker has it. */
function withFailingCommits(log: EventLog): EventLog {
  let left = FAILURES;
  return {
    ...log,
    join: options =>
      log.join({
        ...options,
        assigned(owned) {
          const failing: OwnedPartition = {
            ...owned,
            commit: position => (left-- > 0 ? Promise.reject(new Error('Another has it.')) : owned.commit(position)),
          };
          options.assigned(failing);
        },
      }),
  };
}

/** So do the first steps of each partition of a window. */
function withFailingSteps(store: Store): Store {
  const failed = new Map<string, number>();
  return {
    ...store,
    async apply(scope, ...rest) {
      const before = failed.get(scope) ?? 0;
      failed.set(scope, before + 1);
      if (before < FAILURES) throw new Error('The store is away.');
      return store.apply(scope, ...rest);
    },
  };
}

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
const appOf = (steps: string, key = '') =>
  resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: { partitions: 1${key} }
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Function; metadata: { name: enrich }; spec: { url: "http://enrich.example" }
kind: Pipeline; metadata: { name: counted }; spec: { from: { topic: clicks, start: earliest }, retry: { initial: 1s }, time: { maxDisorder: 0s, idle: never }, steps: [${steps}], to: [{ topic: results }] }`);

const BY = '${event.data.key}';
const WINDOW = `{ window: { tumbling: 10s, by: "${BY}", aggregate: { count: count() } } }`;
const FILTER = '{ filter: "${!has(event.data.bot)}" }';

describe('what a pipeline leaves out and has to read again', () => {
  let storage: TestStorage;
  let running: RunningPipeline | undefined;
  beforeEach(async () => {
    storage = await openTestStorage();
  });
  afterEach(async () => {
    await running?.close(1_000);
    running = undefined;
    await storage.close();
  });
  const results = async () => (await eventsOf(storage.log, 'results')).length;

  it('counts once where a position in the log could not be kept', async () => {
    const { store } = storage;
    const resources = appOf(`${FILTER}, { dedupe: { by: "\${event.data.n}" } }`);
    running = await startPipeline({ world: fastWorld(20), log: withFailingCommits(storage.log), store, resources });
    const data = [{ n: 'a' }, { n: 'b' }, { n: 'a' }, { n: 'c', bot: true }];
    await publishAll(
      storage.log,
      'clicks',
      data.map(each => ({ data: each })),
    );
    await eventually(() => running?.stages.get('source')?.totals.handled === data.length, 'all are handled');
    assert.ok((await results()) > 2, 'both were handed on again');
    assert.deepEqual(running.leftOut, { filtered: 1, deduplicated: 1, unjoined: 0 });
  });

  for (const [name, key] of [
    ['of its Topic', `, key: "${BY}"`],
    ['of another key', ''],
  ])
    it(`counts once where a window ${name} could not be written`, async () => {
      const { log } = storage;
      const resources = appOf(`${FILTER}, ${WINDOW}`, key);
      running = await startPipeline({ world: fastWorld(20), log, store: withFailingSteps(storage.store), resources });
      const event = (second: number, more = {}) => ({
        data: { key: 'k', ...more },
        key: 'k',
        time: at(second),
        id: `e${second}`,
      });
      // One that is late, one that is published twice, one that is filtered,
      // and what closes the windows.
      const events = [event(1), event(1), event(2, { bot: true }), event(25), event(3), event(50)];
      await publishAll(log, 'clicks', events);
      const [[, totals] = assert.fail('There is no window.')] = running.windows;
      const stage = [...running.stages].find(([id]) => id.startsWith('window.'))?.[1] ?? running.stages.get('source');
      await eventually(() => totals.late > 0 && totals.emitted >= 2, 'both windows are closed');
      await eventually(() => stage?.partitions.every(each => each.trouble === undefined) ?? false, 'all is written');
      assert.deepEqual(
        { filtered: running.leftOut.filtered, late: totals.late, repeated: stage?.totals.repeated },
        { filtered: 1, late: 1, repeated: 1 },
      );
    });

  it('counts once where the function behind it failed', async () => {
    const { log, store } = storage;
    let calls = 0;
    const caller: Caller = {
      label: 'function enrich',
      call: async ({ body }) => ({
        status: ++calls % 3 === 0 || calls % 3 === 1 ? 200 : 500,
        headers: ['content-type', 'application/json'],
        body: Buffer.from(String(body)),
      }),
    };
    const first = '{ map: { function: enrich } }, { flatMap: "${[event.data, {\'bot\': true}]}" }';
    const resources = appOf(`${first}, ${FILTER}, { map: { function: enrich } }`);
    running = await startPipeline({ world: fastWorld(20), log, store, resources, caller });
    await publishAll(log, 'clicks', [{ data: { n: 1 } }]);
    await eventually(async () => (await results()) === 1, 'it came through');
    await eventually(() => running?.dispatchers.get('calling0')?.view.partitions[0]?.watermark === 1, 'it is done');
    assert.ok(calls > 2, `called ${calls} times`);
    assert.equal(running.leftOut.filtered, 1);
  });
});
