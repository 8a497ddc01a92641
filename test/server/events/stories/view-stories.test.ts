// The story of an event at Views and Pipelines: what has been folded, what waits, what was set
// aside; which rows and windows have it.
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { overEachLog } from '../../../event-plane/logs.ts';
import { eventually } from '../../../eventually.ts';
import { openStorySite, type Played } from './story-site.ts';

const APP = `
kind: Topic; metadata: { name: orders }; spec: { partitions: 2, key: "\${event.data.table}" }
kind: View; metadata: { name: tables }; spec: { from: [orders], filter: "\${event.data.cups > 0.0}", table: { key: "\${event.data.table}" } }
kind: View; metadata: { name: drinks }; spec: { from: [orders], feed: { owner: "\${event.data.table}" } }
kind: View; metadata: { name: priced }; spec: { from: [orders], project: { function: price }, table: { key: "\${event.data.table}" }, retry: { attempts: 2, initial: 10ms, max: 20ms } }
kind: Pipeline; metadata: { name: rush }; spec: { from: { topic: orders, start: earliest }, steps: [{ filter: "\${event.data.cups > 0.0}" }, { window: { tumbling: 1m, by: "\${event.data.drink}", aggregate: { cups: "count()" } } }], to: [{ topic: rushes }] }
kind: Pipeline; metadata: { name: tableRush }; spec: { from: { topic: orders, start: earliest }, steps: [{ window: { hopping: { size: 2m, every: 1m }, by: "\${event.data.table}", aggregate: { cups: "count()" } } }], to: [{ topic: rushes }] }
kind: Pipeline; metadata: { name: alerts }; spec: { from: { topic: orders, start: earliest }, steps: [{ map: { function: enrich } }], to: [{ function: alert }, { topic: rushes }], retry: { attempts: 2, initial: 10ms, max: 20ms } }
kind: Topic; metadata: { name: rushes }; spec: { partitions: 1 }
kind: Function; metadata: { name: price }; spec: { url: "http://price.example" }
kind: Function; metadata: { name: enrich }; spec: { url: "http://enrich.example" }
kind: Function; metadata: { name: alert }; spec: { url: "http://alert.example" }
`.replaceAll('tableRush', 'table-rush');
const MINUTE = 60_000;

overEachLog('the story of an event at Views and Pipelines', log => {
  let site: Awaited<ReturnType<typeof openStorySite>>;
  let stop: (() => Promise<void>) | undefined;
  /** Functions that fail. */
  const broken = new Set<string>();
  const play = (name: string): Played => {
    if (broken.has(name)) return { status: 422, body: { detail: `${name} is broken` } };
    return { status: 200, body: { table: 'made' } };
  };

  before(async () => {
    site = await openStorySite({ app: APP, folder: tempFolder(), log, timed: true, play });
  });
  after(async () => {
    await stop?.();
    await site.close();
    removeTempFolders();
  });
  const order = (table: string, cups: unknown = 1) =>
    site.publish('orders', { table, cups, drink: 'tea' }, { key: table });
  const fatesOf = async (id: string) => {
    const { consumers } = await site.tell('orders', id);
    return Object.fromEntries(consumers.map(({ consumer, fate }) => [`${consumer.kind}/${consumer.name}`, fate]));
  };
  const isDone = async (id: string) => {
    const fates = Object.values(await fatesOf(id));
    return fates.every(fate => fate !== 'waiting');
  };

  it('waits while no generation is there and no Pipeline has begun', async () => {
    const id = await order('first');
    const [story] = await site.at('View/tables', 'orders', id);
    assert.deepEqual([story?.fate, story?.generation], ['waiting', undefined]);
    assert.match(story?.note ?? '', /No generation/);
    const [rush] = await site.at('Pipeline/rush', 'orders', id);
    assert.equal(rush?.fate, 'waiting');
    assert.match(rush?.note ?? '', /has not begun/);
  });

  it('names the rows and the windows that have it, and the parts behind', async () => {
    stop = await site.start();
    const id = await order('t1');
    await eventually(() => isDone(id), 'it is folded');
    const [table] = await site.at('View/tables', 'orders', id);
    const { generation, ...rest } = table ?? assert.fail();
    assert.match(generation ?? '', /^[0-9a-f]{12}$/);
    assert.deepEqual(rest, { fate: 'done', rows: ['t1'] });
    const [feed] = await site.at('View/drinks', 'orders', id);
    assert.deepEqual([feed?.fate, feed?.rows], ['done', ['t1']]);
    const [priced] = await site.at('View/priced', 'orders', id);
    assert.equal(priced?.fate, 'done');
    assert.match(priced?.note ?? '', /function made/);
    assert.partialDeepStrictEqual(priced?.took, { attempt: 1, host: hostname() });

    const { event, consumers } = await site.tell('orders', id);
    const minute = Math.floor(Date.parse(event.appendedAt ?? '') / MINUTE) * MINUTE;
    const at = (minutes: number) => new Date(minute + minutes * MINUTE).toISOString();
    const windows = consumers.filter(({ consumer }) => consumer.name.startsWith('rush/window.'));
    assert.deepEqual(
      windows.map(each => [each.fate, each.windows]),
      [['done', [{ key: 'tea', start: at(0), end: at(1) }]]],
    );
    const [inPlace] = await site.at('Pipeline/table-rush', 'orders', id);
    assert.deepEqual(inPlace?.windows, [
      { key: 't1', start: at(-1), end: at(1) },
      { key: 't1', start: at(0), end: at(2) },
    ]);
    const calls = consumers.filter(({ consumer }) => /alerts.call/.test(consumer.name));
    assert.deepEqual(
      calls.map(({ consumer, fate }) => [consumer.name, fate]),
      [
        ['alerts/calling0', 'done'],
        ['alerts/call0', 'done'],
      ],
    );
    for (const { took } of calls) assert.partialDeepStrictEqual(took, { attempt: 1, host: hostname() });
    const others = consumers.filter(({ consumer }) => !/priced|alerts.call/.test(consumer.name));
    assert.ok(others.every(({ took }) => took === undefined));
  });

  it('says what leaves it out, and what cannot use it', async () => {
    const [none, odd] = [await order('t2', 0), await order('t3', 'many')];
    await eventually(async () => (await isDone(none)) && (await isDone(odd)), 'both are behind it');
    const [table] = await site.at('View/tables', 'orders', none);
    assert.equal(table?.fate, 'filtered');
    const [rush] = await site.at('Pipeline/rush', 'orders', none);
    assert.deepEqual(rush, { fate: 'filtered' });
    const [dead] = await site.at('View/tables', 'orders', odd);
    assert.deepEqual([dead?.fate, dead?.reason], ['dead', 'refused']);
    const [deadRush] = await site.at('Pipeline/rush', 'orders', odd);
    assert.deepEqual([deadRush?.fate, deadRush?.reason], ['dead', 'refused']);
  });

  it('says which call on the way gave it up', async () => {
    broken.add('price').add('enrich');
    const id = await order('t4');
    await eventually(async () => (await fatesOf(id))['Pipeline/alerts/calling0'] === 'dead', 'it is given up');
    await eventually(async () => (await site.at('View/priced', 'orders', id))[0]?.fate === 'dead', 'there, too');
    const { consumers } = await site.tell('orders', id);
    const call = consumers.find(({ consumer }) => consumer.name === 'alerts/calling0');
    assert.deepEqual([call?.reason, call?.status, call?.attempts], ['refused', 422, 1]);
    assert.ok(!consumers.some(({ consumer }) => consumer.name === 'alerts/call0'), 'nothing has come there');
    broken.clear();
  });

  it('waits behind those before it while nothing works', async () => {
    await stop?.();
    stop = undefined;
    const [first, second] = [await order('t1'), await order('t1')];
    for (const name of ['View/tables', 'View/drinks', 'Pipeline/rush', 'Pipeline/table-rush']) {
      const aheads = [await site.at(name, 'orders', first), await site.at(name, 'orders', second)];
      assert.deepEqual(
        aheads.map(([story]) => [story?.fate, story?.ahead]),
        [
          ['waiting', 0],
          ['waiting', 1],
        ],
        name,
      );
    }
  });

  it('knows of what is settled and deleted that it was taken', async () => {
    stop = await site.start();
    const id = await order('t1');
    await eventually(() => isDone(id), 'it is done');
    const { topology, group } =
      site.plan.pipelines.find(({ settings }) => settings.name === 'alerts')?.settings ?? assert.fail();
    const topic = `${group}.${topology.calling[0]?.id}`;
    for (const [partition, { end }] of ((await site.log.bounds(topic)) ?? []).entries()) {
      await site.log.trim(topic, partition, end);
    }
    const [story] = await site.at('Pipeline/alerts/calling0', 'orders', id);
    assert.equal(story?.fate, 'done');
    assert.match(story?.note ?? '', /are deleted/);
  });
});
