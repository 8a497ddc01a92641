// A table view: what events do to rows, over the real log and store.
import assert from 'node:assert/strict';
import type { CloudEvent } from '../../../../core/cloudevents/cloud-event.ts';
import { toRecord } from '../../../../core/cloudevents/record.ts';
import { VIEW_ROWS, viewLayoutOf } from '../../../../core/views/view-layout.ts';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../../drivers/event-log/partitioner.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { viewSpec } from '../../../../resources/kinds/view.ts';
import type { StageObserver } from '../../../../worker/fold/stage.ts';
import { type RunningView, runView } from '../../../../worker/views/run-view.ts';
import { compileTable } from '../../../../worker/views/shapes/table.ts';
import { readAll, until } from '../../../contract/event-log/subject.ts';
import { openLog } from '../../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../../drivers/store/sqlite/open-store.ts';

const noSearch = { ensureIndex: async () => assert.fail(), change: async () => assert.fail() };
const silent: StageObserver = { trouble() {}, superseded() {}, jumped() {}, refused() {} };
const layout = viewLayoutOf('shop', 'orders', '000000000001');

function event(data: unknown, type = 'order.changed'): CloudEvent {
  return { specversion: '1.0', id: 'e', source: '/test', type, data };
}

function record(data: unknown, offset = 0, type?: string): LogRecord {
  return { offset, timestamp: 0, ...toRecord(event(data, type), null) };
}

function tableOf(table: object, filter?: string) {
  const spec = viewSpec.parse({ from: ['orders'], table }).table;
  assert.ok(spec);
  return { spec, filter };
}

function shapeOf(table: object, stored: Record<string, unknown> = {}, filter?: string) {
  const { spec } = tableOf(table);
  const rows = async (_scope: string, _table: string, keys: readonly string[]) =>
    keys.map(key => {
      const found = stored[key];
      return found === undefined ? undefined : { key, value: Buffer.from(JSON.stringify(found)), version: '1' };
    });
  return {
    ...compileTable(spec, filter),
    store: { now: () => 0, rows, changeDocuments: async () => assert.fail('nothing is indexed') },
  };
}

/** What is left of the changes for people. */
async function fold(shape: ReturnType<typeof shapeOf>, records: readonly LogRecord[]) {
  const keyed = records.flatMap(each => shape.project(each));
  const made = keyed.map(({ key, value, headers = {} }, offset) => ({ offset, timestamp: 0, key, value, headers }));
  return (await shape.toChanges(made, 'scope', shape.store)).map(change => {
    if (change.kind !== 'put-row') return 'key' in change ? `${change.kind} ${change.key}` : change.kind;
    const indexes = JSON.stringify(change.indexes);
    return `put ${change.key} ${change.value}${indexes === '{}' ? '' : ` ${indexes}`}${change.ttlMs === undefined ? '' : ` for ${change.ttlMs}`}`;
  });
}

const KEY = '${event.data.id}';
const STATE =
  "${row == null || row.is == 'unknown' ? (event.data.to == 'placed' ? 'placed' : 'unknown') : row.is == 'placed' && event.data.to == 'paid' ? 'paid' : row.is}";

describe('a table view', () => {
  const rows: readonly {
    name: string;
    table: object;
    stored?: Record<string, unknown>;
    data: unknown[];
    is: string[];
  }[] = [
    { name: 'keeps the data', table: {}, data: [{ id: 'a', n: 1 }], is: ['put a {"id":"a","n":1}'] },
    {
      name: 'keeps the newest of a batch',
      table: {},
      data: [{ id: 'a', n: 1 }, { id: 'b' }, { id: 'a', n: 2 }],
      is: ['put a {"id":"a","n":2}', 'put b {"id":"b"}'],
    },
    {
      name: 'makes the row of a template',
      table: { value: { who: '${event.data.name}', fixed: [1, 'of ${event.type}'] } },
      data: [{ id: 'a', name: 'Ada' }],
      is: ['put a {"who":"Ada","fixed":[1,"of order.changed"]}'],
    },
    {
      name: 'finds rows by members, alone and together, where they are there',
      table: { indexes: ['author', ['author', 'at.day']] },
      data: [
        { id: 'a', author: 'x', at: { day: 3 } },
        { id: 'b', author: null },
        { id: 'c', author: ['x'] },
      ],
      is: [
        'put a {"id":"a","author":"x","at":{"day":3}} {"author":["x"],"author,at.day":["x",3]}',
        'put b {"id":"b","author":null} {"author":[null]}',
        'put c {"id":"c","author":["x"]}',
      ],
    },
    {
      name: 'gives rows a time to live',
      table: { ttl: '1m' },
      data: [{ id: 'a' }],
      is: ['put a {"id":"a"} for 60000'],
    },
    {
      name: 'deletes',
      table: { delete: '${has(event.data.gone)}' },
      data: [{ id: 'a' }, { id: 'a', gone: true }],
      is: ['delete-row a'],
    },
    {
      name: 'merges into what is there, and one after the other',
      table: { merge: true },
      stored: { a: { id: 'a', old: 1, n: 0 } },
      data: [
        { id: 'a', n: 1 },
        { id: 'a', more: 2 },
        { id: 'b', n: 1 },
      ],
      is: ['put a {"id":"a","old":1,"n":1,"more":2}', 'put b {"id":"b","n":1}'],
    },
    {
      name: 'merges nothing of what was deleted in between',
      table: { merge: true, delete: '${has(event.data.gone)}' },
      stored: { a: { id: 'a', old: 1 } },
      data: [
        { id: 'a', n: 1 },
        { id: 'a', gone: true },
        { id: 'a', m: 2 },
      ],
      is: ['put a {"id":"a","m":2}'],
    },
    {
      name: 'makes the row of what is there, and one after the other',
      table: { value: { total: '${(row == null ? 0 : row.total) + event.data.n}' }, indexes: ['total'] },
      stored: { a: { total: 5 } },
      data: [
        { id: 'a', n: 1 },
        { id: 'a', n: 0.5 },
        { id: 'b', n: 7 },
      ],
      is: ['put a {"total":6.5} {"total":[6.5]}', 'put b {"total":7} {"total":[7]}'],
    },
    {
      name: 'makes it of nothing after it was deleted',
      table: { value: '${row == null ? [event.data.n] : row + [event.data.n]}', delete: '${has(event.data.gone)}' },
      stored: { a: [0] },
      data: [
        { id: 'a', n: 1 },
        { id: 'a', gone: true },
        { id: 'a', n: 2 },
        { id: 'a', n: 3 },
      ],
      is: ['put a [2,3]'],
    },
    {
      name: 'merges what it made of the row',
      table: { value: { n: '${has(row.n) ? row.n + 1 : 1}' }, merge: true },
      stored: { a: { n: 1, old: true }, b: {} },
      data: [{ id: 'a' }, { id: 'b' }, { id: 'a' }],
      is: ['put a {"n":3,"old":true}', 'put b {"n":1}'],
    },
    {
      name: 'moves a state on, where the event fits it',
      table: { value: { is: STATE } },
      data: [
        { id: 'a', to: 'paid' },
        { id: 'a', to: 'placed' },
        { id: 'b', to: 'placed' },
        { id: 'b', to: 'paid' },
        { id: 'b', to: 'placed' },
      ],
      is: ['put a {"is":"placed"}', 'put b {"is":"paid"}'],
    },
  ];
  for (const { name, table, stored, data, is } of rows) {
    it(name, async () => {
      const shape = shapeOf({ key: KEY, ...table }, stored);
      assert.deepEqual(
        await fold(
          shape,
          data.map((each, offset) => record(each, offset)),
        ),
        is,
      );
    });
  }

  it('makes nothing of an event that does not go with the row', async () => {
    const shape = shapeOf({ key: KEY, value: { n: '${row.n + event.data.n}' } }, { a: { n: 1 } });
    assert.deepEqual(await fold(shape, [record({ id: 'a', n: 2 })]), ['put a {"n":3}']);
    await assert.rejects(fold(shape, [record({ id: 'b', n: 2 })]), { code: 'expression-failed' });
  });

  it('keeps every digit of a row that is the data of the event', async () => {
    const data = '{"id":"a","number":12345678901234567890}';
    const document = `${JSON.stringify(event(undefined)).slice(0, -1)},"data":${data}}`;
    const { offset, timestamp, headers } = record({ id: 'a' });
    const structured = { 'content-type': 'application/cloudevents+json' };
    const shape = shapeOf({ key: '${event.data.id}' });
    for (const [value, fields] of [[data, headers] as const, [document, structured] as const]) {
      const [made] = shape.project({ offset, timestamp, key: null, value: Buffer.from(value), headers: fields });
      assert.equal(String(made?.value), data);
    }
  });

  it('leaves out events that the filter does not let through', async () => {
    const shape = shapeOf({ key: KEY }, {}, '${event.type == "order.changed"}');
    assert.deepEqual(shape.project(record({ id: 'a' }, 0, 'order.seen')), []);
  });

  const bad: readonly [string, unknown][] = [
    ['has no key', { n: 1 }],
    ['has an empty key', { id: '' }],
    ['has no data', undefined],
  ];
  for (const [what, data] of bad) {
    it(`makes nothing of an event that ${what}`, () => {
      assert.throws(() => shapeOf({ key: KEY }).project(record(data)), { code: 'expression-failed' });
    });
  }

  describe('that runs', () => {
    let log: EventLog;
    let store: Store;
    let view: RunningView | undefined;
    const folders = [temporaryFolder(), temporaryFolder()] as const;

    before(async () => {
      log = await openLog(folders[0].file);
      store = await openStore(folders[1].file);
      await log.ensureTopic('orders', { partitions: 2 });
    });

    after(async () => {
      await view?.close(1_000);
      await log.close();
      await store.close();
      for (const folder of folders) folder.remove();
    });

    it('follows its topics, and keeps events of which nothing can be made as dead letters', async () => {
      const { spec } = tableOf({ key: KEY });
      await log.append('orders', [
        { ...toRecord(event({ id: 'a', n: 1 }), 'x') },
        { ...toRecord(event({ n: 1 }), 'x') },
      ]);
      view = await runView({
        world: realWorld,
        log,
        store,
        search: noSearch,
        observer: silent,
        settings: {
          namespace: 'shop',
          name: 'orders',
          layout,
          sources: ['orders'],
          shape: compileTable(spec, undefined),
          deadLetterRetention: 86_400_000,
        },
      });
      await log.append('orders', [{ ...toRecord(event({ id: 'a', n: 2 }), 'x') }]);
      const scope = layout.scopeOf(partitionOf('a', layout.partitions));
      await until('the row is there', async () => {
        const row = await store.row(scope, VIEW_ROWS, 'a');
        return row !== undefined && Buffer.from(row.value).toString() === '{"id":"a","n":2}';
      });
      const dead = await readAll(log, 'view.shop.orders.dead', partitionOf('x', 2));
      assert.equal(dead.length, 1);
    });
  });
});
