// The stream of changes of a whole platform: folded, it is what the lists say, under load, after
// operations, and when the process was killed. It is silent while nothing happens.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Graph } from '../../admin/graph/graph-view.ts';
import type { ConsumerStory } from '../../admin/story-view.ts';
import { type Follow, type Followed, followChanges, synced } from '../admin/live/followed.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { type RunningProcess, startProcess, TOKEN } from './start-process.ts';

function resource(kind: string, name: string, spec: string): string {
  return `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
}

const ONCE = 'retry: { attempts: 1 }';
const FILES = {
  'app.yaml': [
    resource('Topic', 'orders', '{ partitions: 2, key: "${event.data.item}" }'),
    resource('Subscription', 'receipts', `{ topic: orders, to: { function: menu }, ${ONCE} }`),
    resource(
      'Subscription',
      'slow',
      '{ topic: orders, to: { function: menu }, retry: { within: 1h, initial: 10m, max: 10m } }',
    ),
    resource('Queue', 'exports', '{ to: { function: menu } }'),
    resource('View', 'sold', '{ from: [orders], table: { key: "${event.data.item}" } }'),
    resource('Function', 'menu', '{ source: ./menu.ts }'),
    resource('Api', 'shop', '\n  routes:\n    - { match: { method: POST, path: /orders }, to: { topic: orders } }'),
  ].join('---\n'),
  'menu.ts': `import { event } from 'tenfold';

export default event<{ item: string }>(({ data }) => {
  if (data?.item.startsWith('boom')) throw new Error('no price for boom');
});
`,
};

/** The lists that the stream stands for. */
const LISTS = {
  resource: 'resources',
  function: 'functions',
  topic: 'topics',
  consumer: 'consumers',
  view: 'views',
  pipeline: 'pipelines',
  'fan-out': 'fan-outs',
  operation: 'operations',
};
/** Members that change by the passing of time, which the stream has in another form. */
const TIMES = new Set(['oldestAgeMs', 'oldestSince', 'asOf', 'etaMs']);

const canonical = (value: unknown) =>
  JSON.stringify(value, (name, member) => {
    if (TIMES.has(name)) return undefined;
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });

describe('the stream of changes of a platform', () => {
  let platform: RunningProcess;
  let directory: string;
  const open = new Set<Followed>();

  before(async () => {
    directory = tempFolder(FILES);
    platform = await startProcess({ role: 'serve', directory });
    await eventually(() => platform.isReady(), 'it is ready');
  });
  after(async () => {
    for (const each of open) each.close();
    await platform?.end('SIGKILL');
    removeTempFolders();
  });
  const follow = async (how: Follow = {}, query = '') => {
    const followed = await followChanges(`${platform.addresses.admin}/api/changes${query}`, { token: TOKEN, ...how });
    open.add(followed);
    await synced(followed);
    return followed;
  };
  const listed = async () => {
    const lists = Object.entries(LISTS).map(async ([what, path]) => {
      const { items } = JSON.parse(await (await platform.admin(`/api/${path}`)).text());
      return items.map((one: unknown) => `${what} ${canonical(one)}`);
    });
    return (await Promise.all(lists)).flat().toSorted();
  };
  const told = ({ state }: Followed) =>
    [...state]
      .filter(([name]) => !name.startsWith('platform'))
      .map(([name, text]) => `${name.split(' ', 1)} ${canonical(JSON.parse(text))}`)
      .toSorted();
  const isTold = (reader: Followed, what: string) => {
    let differs: readonly string[] = [];
    return eventually(
      async () => {
        const [expected, found] = [await listed(), told(reader)];
        differs = [
          ...expected.filter(line => !found.includes(line)).map(line => `- ${line}`),
          ...found.filter(line => !expected.includes(line)).map(line => `+ ${line}`),
        ];
        return differs.length === 0;
      },
      () => `${what}:\n${differs.join('\n')}`,
    );
  };
  const publish = async (item: string) => {
    const body = JSON.stringify({ item });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${platform.addresses.public}/orders`, { method: 'POST', headers, body });
    assert.equal(answer.status, 204, await answer.text());
  };
  const act = async (path: string, body?: object) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const url = `${platform.addresses.admin}/api/${path}`;
    const answer = await fetch(url, { method: 'POST', headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    assert.ok(answer.ok, text);
    return JSON.parse(text);
  };
  const consumer = ({ state }: Followed, name: string) =>
    JSON.parse(state.get(`consumer Subscription default/${name}`) ?? '{}');

  it('is what the lists say, and is silent while nothing happens', async () => {
    const reader = await follow();
    await isTold(reader, 'the lists at the start');
    await eventually(
      () => reader.quietSigns >= 2,
      () => `two signs of life with nothing between: ${reader.events.slice(-3).map(({ data }) => data)}`,
    );
  });

  it('tells of events that fail, wait and are given up, and of what people do', async () => {
    const reader = await follow();
    for (let at = 0; at < 60; at++) await publish(at % 3 === 0 ? `boom-${at}` : `cup-${at}`);
    await eventually(
      () => consumer(reader, 'receipts').deadLetters === 20 && consumer(reader, 'slow').parkedKeys === 20,
      () => JSON.stringify([consumer(reader, 'receipts'), consumer(reader, 'slow')]),
    );
    await act('consumers/Subscription/default/receipts/pause');
    await eventually(() => consumer(reader, 'receipts').state === 'paused', 'that it is paused');
    await act('consumers/Subscription/default/receipts/resume');
    const order = { action: 'purge', kind: 'Subscription', name: 'receipts', query: {} };
    const { id, token } = await act('operations', order);
    await act(`operations/default/${id}/start`, { token });
    const operation = () => JSON.parse(reader.state.get(`operation Operation default/${id}`) ?? '{}');
    await eventually(
      () => operation().state === 'done' && operation().done === 20,
      () => JSON.stringify(operation()),
    );
    await isTold(reader, 'the lists after all that');
    assert.equal(consumer(reader, 'receipts').deadLetters, 0);
  });

  it('has a graph with the same numbers, and rates from the second look on', async () => {
    const graph = async (): Promise<Graph> => JSON.parse(await (await platform.admin('/api/graph')).text());
    const edge = ({ edges }: Graph, from: string, to: string) =>
      edges.find(each => each.from === from && each.to === to) ?? assert.fail(`${from} to ${to}`);
    const before = await graph();
    assert.equal(edge(before, 'Topic/default/orders', 'Subscription/default/receipts').flow?.total, 40);
    assert.equal(edge(before, 'Listener//public', 'Api/default/shop').flow?.total, 60);
    assert.equal(edge(before, 'Topic/default/orders', 'Subscription/default/slow').lag, 20);
    const call = edge(before, 'Subscription/default/receipts', 'Function/default/menu').flow;
    assert.deepEqual([call?.total, call?.errors], [60, 20]);
    await publish('cup-of-the-graph');
    await eventually(
      async () => (edge(await graph(), 'Listener//public', 'Api/default/shop').flow?.perSecond ?? 0) > 0,
      'a rate',
    );
  });

  it('tells the story of one event, each time that something becomes of it', async () => {
    await publish('boom-told');
    const found = async () => JSON.parse(await (await platform.admin('/api/events?key=boom-told')).text()).items[0];
    await eventually(async () => (await found()) !== undefined, 'the event');
    const { partition, offset } = await found();
    const place = `${partition}-${offset}`;
    const reader = await follow({}, `?what=story&namespace=default&name=orders/${place}`);
    const fates = () => {
      const { consumers = [] } = JSON.parse(reader.state.get(`story Topic default/orders/${place}`) ?? '{}');
      return consumers.map((one: ConsumerStory) => `${one.consumer.name} ${one.fate}`).toSorted();
    };
    const become = (...expected: string[]) =>
      eventually(
        () => isDeepStrictEqual(fates(), expected),
        () => `${fates()}`,
      );
    await become('receipts dead', 'slow parked', 'sold done');
    const { id, token } = await act('operations', {
      action: 'purge',
      kind: 'Subscription',
      name: 'receipts',
      query: {},
    });
    await act(`operations/default/${id}/start`, { token });
    await become('receipts purged', 'slow parked', 'sold done');
    const story = JSON.parse(await (await platform.admin(`/api/topics/default/orders/events/${place}/story`)).text());
    assert.deepEqual(JSON.parse(reader.state.get(`story Topic default/orders/${place}`) ?? '{}'), story);
  });

  it('begins anew for its readers when the process was killed', async () => {
    const reader = await follow();
    await publish('boom-again');
    await platform.end('SIGKILL');
    await eventually(() => reader.isOver, 'its end');
    platform = await startProcess({ role: 'serve', directory });
    await eventually(() => platform.isReady(), 'it is ready');
    const next = await follow({ lastId: reader.lastId, state: reader.state });
    assert.equal(next.events[0]?.event, 'reset');
    await isTold(next, 'the lists of the new process');
  });
});
