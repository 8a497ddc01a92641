// Joins of two Topics in a pipeline, over the real log and store.
// Key to the traces: `a3` is an order, or a payment, of `a` in the third second.
import assert from 'node:assert/strict';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import type { WindowTotals } from '../../../worker/pipelines/window/window-totals.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { eventsOf, fastWorld, publishAll, resourcesOf, startPipeline } from './harness.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const app = (kind: string, idle: string, more = '') =>
  resourcesOf(`kind: Topic; metadata: { name: orders }; spec: { partitions: 2 }
kind: Topic; metadata: { name: payments }; spec: { partitions: 3 }
kind: Topic; metadata: { name: late }; spec: {}
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: paid }; spec: { from: { topic: orders, start: earliest }, time: { maxDisorder: 2s, idle: ${idle} }, steps: [{ joinTopic: { topic: payments, key: "\${event.data.order}", otherKey: "\${event.data.order}", within: 10s, as: payment, kind: ${kind}${more} } }], to: [{ topic: results }] }`);

describe('joins of two Topics', () => {
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

  const start = async (kind: string, idle = '1s', more = '') => {
    running = await startPipeline({ world: fastWorld(20), log, store, resources: app(kind, idle, more) });
  };
  const put = (topic: string, events: string) =>
    publishAll(
      log,
      topic,
      events.split(' ').map(each => {
        const [order, second] = [each.slice(0, 1), Number(each.slice(1))];
        return { data: { order, second }, key: order, time: at(second) };
      }),
    );
  type Part = { readonly order: string; readonly second: number } | null | undefined;
  const nameOf = (part: Part) => (part ? `${part.order}${part.second}` : '-');
  /** `a1+a3`: the order and the payment of `a`. */
  const results = async () =>
    (await eventsOf(log, 'results'))
      .map(({ data }) => data as NonNullable<Part> & { readonly payment: Part })
      .map(data => `${data.order === undefined ? '-' : nameOf(data)}+${nameOf(data.payment)}`)
      .sort();
  const settle = async (wanted: string) => {
    let found: string[] = [];
    const isThere = async () => {
      found = await results();
      return found.join(' ') === wanted.split(' ').sort().join(' ');
    };
    await eventually(isThere, () => `${wanted}; there is ${found.join(' ')}`, 20_000);
  };

  const sumOf = (count: (totals: WindowTotals) => number) =>
    [...(running?.windows.values() ?? [])].reduce((sum, each) => sum + count(each), 0);

  it('bring together events of one key within the time, whichever comes first', async () => {
    await start('inner', 'never');
    await put('orders', 'a1 b2 c20 a8');
    await put('payments', 'a3 b13 b12 c10 d4');
    await settle('a1+a3 a8+a3 b2+b12 c20+c10');
    const [event] = await eventsOf(log, 'results');
    assert.match(event?.id ?? '', /^paid\/0\/\d-\d+~\d-\d+$/);
    await put('orders', 'd5');
    await settle('a1+a3 a8+a3 b2+b12 c20+c10 d5+d4');
    // Partitions without events hold up time, so all ten are kept.
    await eventually(
      () => sumOf(each => [...each.joining.values()].reduce((sum, count) => sum + count, 0)) === 10,
      'ten are kept',
    );
  });

  it('report an order that stays alone once its time is over', async () => {
    await start('left', 'never');
    await put('orders', 'a1 b2 e60 f60');
    await put('payments', 'a3 d4');
    await settle('a1+a3');
    await put('payments', 'v60 w60 x60 y60 z60');
    await settle('a1+a3 b2+-');
  });

  it('lead late events of both Topics to a Topic, and count them', async () => {
    await start('inner', 'never', ', late: { topic: late }');
    await put('orders', 'a1 e60 f60');
    await put('payments', 'v60 w60 x60 y60 z60 b60');
    await put('orders', 'b60');
    await settle('b60+b60');
    await put('orders', 'c57');
    await put('payments', 'c30');
    const late = async () => (await eventsOf(log, 'late')).map(({ time }) => time).sort();
    await eventually(async () => (await late()).length === 2, 'both are late');
    assert.deepEqual(await late(), [at(30), at(57)]);
    await eventually(() => sumOf(({ late: count }) => count) === 2, 'both are counted');
  });

  it('report what is alone also where nothing comes for long', async () => {
    await start('outer');
    await put('orders', 'a1 b2');
    await put('payments', 'a3 d4');
    await settle('a1+a3 b2+- -+d4');
    await put('payments', 'b5');
    await settle('a1+a3 b2+- b2+b5 -+d4');
  });
});
