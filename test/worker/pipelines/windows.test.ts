// Windows of a pipeline over the real log and store.
// Key to the traces: `b3` is a click on page `/b` in the third second; `'a1 a5 b3'` are three
// clicks, published in this order.
import assert from 'node:assert/strict';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { eventsOf, fastWorld, publishAll, resourcesOf, startPipeline } from './harness.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, 0) + seconds * 1000).toISOString();
const app = (topic: string, window: string, idle = '1s') =>
  resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: ${topic}
kind: Topic; metadata: { name: late }; spec: {}
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: clicks, start: earliest }, time: { maxDisorder: 2s, idle: ${idle} }, steps: [{ window: ${window} }], to: [{ topic: results }] }`);
const PAGE = '${event.data.page}';

describe('windows of a pipeline', () => {
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
  /** At once. `b3`: on page `/b`, at the third second. */
  const click = (clicks: string, dataOf: (second: number) => object = () => ({})) => {
    const events = clicks.split(' ').map(each => {
      const [page, second] = [`/${each.slice(0, 1)}`, Number(each.slice(1))];
      return { data: { page, ...dataOf(second) }, key: page, time: at(second) };
    });
    return publishAll(log, 'clicks', events);
  };

  for (const [name, topic] of [
    ['over a topic that is keyed as they are', `{ partitions: 2, key: "${PAGE}" }`],
    ['over any topic', '{ partitions: 2 }'],
  ] as const) {
    it(`count each key apart, ${name}, and are closed when time has come so far`, async () => {
      running = await startPipeline({
        world: fastWorld(20),
        log,
        store,
        resources: app(topic, `{ tumbling: 10s, by: "${PAGE}", aggregate: { "n": count(), ms: sum(event.data.ms) } }`),
      });
      await click('a1 a5 a9 a4 a12 a21 b3', ms => ({ ms }));
      await eventually(async () => (await results()).length === 4, 'all are closed');
      assert.deepEqual(await results(), [
        { key: '/a', start: at(0), end: at(10), n: 4, ms: 19 },
        { key: '/a', start: at(10), end: at(20), n: 1, ms: 12 },
        { key: '/a', start: at(20), end: at(30), n: 1, ms: 21 },
        { key: '/b', start: at(0), end: at(10), n: 1, ms: 3 },
      ]);
      const ids = (await eventsOf(log, 'results')).map(({ id }) => id);
      assert.equal(new Set(ids).size, 4);
    });
  }

  const start = async (window: string, idle?: string) => {
    const resources = app('{ partitions: 1 }', window, idle);
    running = await startPipeline({ world: fastWorld(20), log, store, resources });
  };
  const settle = (count: number) => eventually(async () => (await results()).length === count, `${count}`);
  const spans = async () =>
    (await results()).map(each => {
      const { start, end, n } = each as { start: string; end: string; n: number };
      return [
        Math.round((Date.parse(start) - Date.parse(at(0))) / 1000),
        (Date.parse(end) - Date.parse(at(0))) / 1000,
        n,
      ];
    });

  it('overlap where they hop', async () => {
    await start('{ hopping: { size: 10s, every: 5s }, aggregate: { "n": count() } }');
    await click('a3 a7 a12');
    await settle(4);
    assert.deepEqual(await spans(), [
      [-5, 5, 1],
      [0, 10, 2],
      [5, 15, 2],
      [10, 20, 1],
    ]);
  });

  it('last as long as events come where they are sessions, which become one where an event comes in between', async () => {
    await start('{ session: { gap: 5s }, by: "${event.data.page}", aggregate: { "n": count() } }');
    await click('a1 a7 a4 a8 a20 b2');
    await settle(3);
    assert.deepEqual((await spans()).sort(), [
      [1, 13, 4],
      [2, 7, 1],
      [20, 25, 1],
    ]);
  });

  it('lead events that come too late to a topic, and count those that may be late', async () => {
    await start('{ tumbling: 10s, allowedLateness: 5s, late: { topic: late }, aggregate: { "n": count() } }');
    await click('a5 a16 a4 a18 a3');
    await settle(2);
    assert.deepEqual(await spans(), [
      [0, 10, 2],
      [10, 20, 2],
    ]);
    assert.deepEqual(
      (await eventsOf(log, 'late')).map(({ time }) => time),
      [at(3)],
    );
    assert.equal([...(running?.windows.values() ?? [])][0]?.late, 1);
  });

  it('say each change, once a second at most, with an id for each', async () => {
    await start('{ tumbling: 60s, emit: changes, aggregate: { "n": count() } }');
    await click(Array.from({ length: 30 }, (_, second) => `a${second}`).join(' '));
    await eventually(async () => (await spans()).some(([, , n]) => n === 30), 'all are counted');
    const found = await eventsOf(log, 'results');
    assert.ok(found.length < 30, `${found.length} results`);
    assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
  });

  it('give early results while they are open, and go on so when they are started anew', async () => {
    const window = '{ tumbling: 60s, early: { every: 1s, events: 3 }, aggregate: { count: count() } }';
    const said = async () =>
      (await eventsOf(log, 'results')).map(({ data }) => {
        const { pane, index, count } = data as Record<string, unknown>;
        return `${pane} ${index}: ${count}`;
      });
    await start(window, '1h');
    await click('a1 a2 a3 a4');
    // Nothing comes any more, so the clock of the worker decides.
    await eventually(async () => (await said()).length === 2, 'both are there');
    await running?.close(1_000);
    await start(window, '1h');
    await click('a5 a6 a70');
    await eventually(async () => (await said()).some(each => each.startsWith('final')), 'the window is closed');
    const [byCount, byTime, ...others] = await said();
    assert.deepEqual([byCount, byTime], ['early 3: 3', 'early 4: 4']);
    // The window after it has an early result, too, sooner or later.
    assert.deepEqual(
      others.filter(each => each !== 'early 1: 1'),
      ['early 6: 6', 'final 6: 6'],
    );
  });

  it('go on where they were when they are started anew', async () => {
    const window = '{ tumbling: 60s, aggregate: { "n": count(), users: distinct(event.data.user) } }';
    const user = (second: number) => ({ user: second === 2 ? 'bob' : 'ann' });
    // However long the start takes, time goes on with the events alone.
    await start(window, '1h');
    await click('a1', user);
    await eventually(() => running?.stages.get('source')?.totals.handled === 1, 'it is counted');
    await running?.close(1_000);
    await start(window, '1h');
    await click('a2 a3 a70 a130', user);
    await settle(2);
    assert.deepEqual((await results())[0], { start: at(0), end: at(60), n: 3, users: 2 });
  });
});
