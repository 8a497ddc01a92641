// Steps of a pipeline that ask somebody, over the real log and store.
import assert from 'node:assert/strict';
import { writeGenerations } from '../../../core/views/view-generations.ts';
import { VIEW_ROWS, viewLayoutOf } from '../../../core/views/view-layout.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { Caller } from '../../../worker/deliver/caller.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { eventsOf, fastWorld, publish, publishAll, resourcesOf, startPipeline } from './harness.ts';

const app = (steps: string) =>
  resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: { partitions: 2 }
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Function; metadata: { name: enrich }; spec: { url: "http://enrich.example" }
kind: View; metadata: { name: pages }; spec: { from: [clicks], table: { key: "\${event.id}" } }
kind: Pipeline; metadata: { name: steps }; spec: { from: { topic: clicks, start: earliest }, retry: { initial: 1s }, time: { maxDisorder: 0s, idle: 1s }, steps: [${steps}], to: [{ topic: results }] }`);

/** Answers with JSON made of the data of the event. */
function functionOf(answer: (data: { n: number }, attempt: number) => { status?: number; json?: unknown }): Caller {
  return {
    label: 'function enrich',
    async call({ body, headers }) {
      const attempt = Number(headers[headers.indexOf('tenfold-attempt') + 1]);
      const { status = 200, json } = answer(JSON.parse(String(body)), attempt);
      const text = json === undefined ? '' : JSON.stringify(json);
      return { status, headers: ['content-type', 'application/json'], body: Buffer.from(text) };
    },
  };
}

describe('steps of a pipeline', () => {
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
  const start = async (steps: string, caller?: Caller) => {
    running = await startPipeline({
      log,
      store,
      resources: app(steps),
      world: fastWorld(20),
      ...(caller ? { caller } : {}),
    });
  };
  const results = async () =>
    (await eventsOf(log, 'results'))
      .map(({ id, data }) => [id, data])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  const settle = (count: number) => eventually(async () => (await results()).length === count, `${count} results`);

  it('get from a function what goes on, again where it fails, in order of the keys', async () => {
    const failing = functionOf(({ n }, attempt) => {
      if (n === 2 && attempt < 3) return { status: 500 };
      return n === 4 ? { status: 204 } : { json: { twice: n * 2 } };
    });
    await start('{ map: { function: enrich } }, { filter: "${event.data.twice > 0.0}" }', failing);
    for (const n of [1, 2, 3, 4]) await publish(log, 'clicks', { n }, { key: 'one', partition: 1 });
    await settle(3);
    const found = (await eventsOf(log, 'results')).map(({ id, data }) => [id, data]);
    assert.deepEqual(found, [
      ['steps/0/1-0', { twice: 2 }],
      ['steps/0/1-1', { twice: 4 }],
      ['steps/0/1-2', { twice: 6 }],
    ]);
  });

  it('make many events of one with a function, and give up what it refuses', async () => {
    const many = functionOf(({ n }) => (n === 2 ? { status: 422 } : { json: [n, n + 1] }));
    await start('{ flatMap: { function: enrich } }', many);
    for (const n of [1, 2]) await publish(log, 'clicks', { n }, { partition: 0 });
    await settle(2);
    assert.deepEqual(await results(), [
      ['steps/0/0-0-0', 1],
      ['steps/0/0-0-1', 2],
    ]);
    await eventually(() => running?.dispatchers.get('calling0')?.view.dead === 1, 'it was given up');
  });

  it('leave out what came before', async () => {
    await start('{ dedupe: { by: "${event.data.order}" } }');
    for (const order of ['a', 'b', 'a']) await publish(log, 'clicks', { order }, { partition: 0 });
    await publish(log, 'clicks', { order: 'b' }, { partition: 1 });
    await publish(log, 'clicks', { order: 'c' }, { partition: 1 });
    await eventually(() => (running?.stages.get('source')?.totals.handled ?? 0) === 5, 'all are handled');
    const orders = (await eventsOf(log, 'results')).map(({ data }) => (data as { order: string }).order);
    assert.deepEqual(orders.sort(), ['a', 'b', 'c']);
    assert.equal(running?.leftOut.deduplicated, 2);
  });

  for (const required of [false, true]) {
    it(`add rows of a View${required ? ', and leave out events without one' : ''}`, async () => {
      const serving = { id: '0123456789ab', definition: 'd', manifest: {}, sources: [], since: 0 };
      await writeGenerations(realWorld, store, 'default', 'pages', {
        serving,
        building: undefined,
        superseded: [],
        version: undefined,
      });
      const layout = viewLayoutOf('default', 'pages', serving.id);
      const scope = layout.scopeOf(partitionOf('/a', layout.partitions));
      await store.apply(scope, [{ kind: 'put-row', table: VIEW_ROWS, key: '/a', value: '{"title":"A"}' }]);
      await start(`{ join: { view: pages, key: "\${event.data.page}", as: row, required: ${required} } }`);
      for (const page of ['/a', '/b']) await publish(log, 'clicks', { page }, { partition: 0 });
      await settle(required ? 1 : 2);
      await eventually(() => running?.leftOut.unjoined === (required ? 1 : 0), 'it is counted');
      const data = (await results()).map(([, each]) => each);
      assert.deepEqual(data, [{ page: '/a', row: { title: 'A' } }, ...(required ? [] : [{ page: '/b', row: null }])]);
    });
  }

  it('count in windows what functions have made, those that are retried too', async () => {
    const slow = functionOf(({ n }, attempt) => (n === 1 && attempt < 3 ? { status: 503 } : { json: { n } }));
    await start(
      '{ map: { function: enrich } }, { window: { tumbling: 10s, aggregate: { count: count(), sum: sum(event.data.n) } } }',
      slow,
    );
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
    const events = [1, 2, 3, 14, 25].map(n => ({ data: { n }, partition: 0, key: `k${n}`, time: at(n) }));
    await publishAll(log, 'clicks', events);
    await settle(3);
    assert.deepEqual(
      (await results()).map(([, data]) => data),
      [
        { start: at(0), end: at(10), count: 3, sum: 6 },
        { start: at(10), end: at(20), count: 1, sum: 14 },
        { start: at(20), end: at(30), count: 1, sum: 25 },
      ],
    );
  });
});
