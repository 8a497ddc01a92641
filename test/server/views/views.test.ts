// Views over a whole platform on real files and sockets: fed by what is published, asked at the
// endpoints, kept over restarts, built anew when they change.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ViewReport } from '../../../admin/event-view.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const app = (value: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 2, key: "\${has(event.data.id) ? event.data.id : 'none'}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: orders }
spec:
  from: [orders]
  table:
    key: "\${event.data.id}"
    value: ${value}
    delete: "\${has(event.data.gone)}"
    indexes: [who, [who, n]]
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { method: POST, path: /orders }
      to: { topic: orders }
    - match: { method: GET, path: /orders }
      to: { view: orders }
`;
const VALUE = '{ who: "${event.data.who}", n: "${event.data.n}" }';

describe('views on a platform', () => {
  let folder: string;
  let platform: Platform;

  const start = async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
  };
  beforeEach(async () => {
    folder = tempFolder({ 'app.yaml': app(VALUE) });
    await start();
  });
  afterEach(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const admin = async (path: string, method: string) => {
    const headers = { authorization: `Bearer ${platform.adminToken}` };
    const answer = await fetch(`${platform.addresses.admin}${path}`, { method, headers });
    return { status: answer.status, building: ((await answer.json()) as { generation?: string }).generation };
  };
  /** Answers with the position. */
  const publish = async (data: object): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(data);
    const answer = await fetch(`${platform.addresses.public}/orders`, { method: 'POST', headers, body });
    assert.equal(answer.status, 204, await answer.text());
    return answer.headers.get('tenfold-position') ?? assert.fail('no position');
  };
  const ask = (query: string) => fetch(`${platform.addresses.public}/orders?${query}`);
  const report = async () => {
    const headers = { authorization: `Bearer ${platform.adminToken}` };
    const answer = await fetch(`${platform.addresses.admin}/api/views`, { headers });
    const { items } = (await answer.json()) as { items: ViewReport[] };
    return items[0] ?? assert.fail('no view');
  };

  it('show a writer what it has written', async () => {
    for (let n = 1; n <= 5; n++) {
      const position = await publish({ id: 'a', who: 'ada', n });
      const answer = await ask(`key=a&after=${position}`);
      assert.deepEqual([answer.status, await answer.json()], [200, { who: 'ada', n }]);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      assert.ok(Date.parse(answer.headers.get('tenfold-as-of') ?? '') > 0);
    }
    const gone = await publish({ id: 'a', gone: true });
    assert.equal((await ask(`key=a&after=${gone}`)).status, 404);
  });

  it('find rows by index, page by page, wherever their keys are kept', async () => {
    let last = '';
    for (let n = 1; n <= 12; n++) last = await publish({ id: `o-${n}`, who: n % 2 ? 'ada' : 'bob', n });
    await eventually(async () => (await report()).behind === 0, 'all is folded');
    const found: number[] = [];
    let after = last;
    for (;;) {
      const answer = await ask(`index=who,n&value=ada&limit=4&order=desc&after=${encodeURIComponent(after)}`);
      const { items, next } = (await answer.json()) as { items: { value: { n: number } }[]; next?: string };
      found.push(...items.map(({ value }) => value.n));
      if (next === undefined) break;
      after = next;
    }
    assert.deepEqual(found, [11, 9, 7, 5, 3, 1]);
    const json = async (query: string) => (await ask(query)).json();
    const { items } = (await json('index=who,n&value=ada&from=4&to=9&order=desc&fields=n')) as { items: unknown };
    assert.deepEqual(
      items,
      [9, 7, 5].map(n => ({ key: `o-${n}`, value: { n } })),
    );
    assert.deepEqual(await json('index=who,n&value=ada&from=4&count=true'), { count: 4 });
    const rows = await json('keys=o-12&keys=none&keys=o-1');
    assert.deepEqual(rows, {
      items: [
        { key: 'o-12', value: { who: 'bob', n: 12 } },
        { key: 'o-1', value: { who: 'ada', n: 1 } },
      ],
    });
  });

  it('are kept over a restart, and go on', async () => {
    await ask(`key=a&after=${await publish({ id: 'a', who: 'ada', n: 1 })}`);
    await platform.close(1000);
    await start();
    assert.deepEqual(await (await ask('key=a')).json(), { who: 'ada', n: 1 });
    const answer = await ask(`key=a&after=${await publish({ id: 'a', who: 'ada', n: 2 })}`);
    assert.deepEqual(await answer.json(), { who: 'ada', n: 2 });
  });

  it('are built anew from all events when their definition changes', async () => {
    await ask(`key=a&after=${await publish({ id: 'a', who: 'ada', n: 1 })}`);
    const { generation } = await report();
    await platform.close(1000);
    writeFileSync(join(folder, 'app.yaml'), app('{ total: "${event.data.n}" }'));
    await start();
    const met = new Set<string>();
    await eventually(async () => {
      const answer = await ask('key=a');
      met.add(`${answer.status} ${await answer.text()}`);
      return met.has('200 {"total":1}');
    }, 'it is built');
    // The old one serves until the new one can.
    assert.deepEqual([...met], ['200 {"who":"ada","n":1}', '200 {"total":1}'].slice(2 - met.size));
    assert.notEqual((await report()).generation, generation);
  });

  it('are built anew by a person at a rate, answer meanwhile, and are not held back when they serve', async () => {
    await platform.close(1000);
    writeFileSync(
      join(folder, 'app.yaml'),
      app(VALUE).replace('  from: [orders]\n', '  from: [orders]\n  rebuild: { rate: 20/s }\n'),
    );
    await start();
    for (let n = 1; n <= 40; n++) await publish({ id: 'a', who: 'ada', n });
    await eventually(async () => (await report()).behind === 0, 'all is folded');
    const { generation } = await report();
    const path = '/api/views/default/orders/rebuild';
    const { status, building } = await admin(path, 'POST');
    assert.equal(status, 202);
    assert.deepEqual(await admin(path, 'POST'), { status, building }, 'a second wish is the same');
    await eventually(async () => (await report()).building?.generation === building, 'it is built');
    await eventually(async () => {
      assert.deepEqual(await (await ask('key=a')).json(), { who: 'ada', n: 40 });
      return (await report()).generation === building;
    }, 'it serves');
    assert.notEqual(generation, building);
    const begun = performance.now();
    let last = '';
    for (let n = 1; n <= 1_200; n += 100)
      await Promise.all(Array.from({ length: 100 }, (_, more) => publish({ id: `${n + more}`, who: 'bob', n })));
    last = await publish({ id: 'a', who: 'bob', n: 100 });
    assert.deepEqual(await (await ask(`key=a&after=${last}`)).json(), { who: 'bob', n: 100 });
    assert.ok(performance.now() - begun < 30_000, 'at that rate it would take a minute');
  });

  it('set aside what nothing can be made of, and say so', async () => {
    await publish({ who: 'nobody' });
    const answer = await ask(`key=b&after=${await publish({ id: 'b', who: 'bob', n: 1 })}`);
    assert.equal(answer.status, 200);
    await eventually(async () => (await report()).refused === 1, 'it is told');
    const headers = { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' };
    const base = `${platform.addresses.admin}/api/dead-letters`;
    const list = async () => {
      const answer = await fetch(`${base}?kind=View&name=orders`, { headers });
      return ((await answer.json()) as { items: { id: string; reason: string }[] }).items;
    };
    const [letter, ...others] = await list();
    assert.deepEqual([letter?.reason, others], ['refused', []]);
    const command = async (action: string) => {
      const body = JSON.stringify({ kind: 'View', name: 'orders', action, ids: [letter?.id] });
      const answer = await fetch(`${base}/commands`, { method: 'POST', headers, body });
      return (await answer.text()).trim().split('\n').at(-1) ?? '';
    };
    assert.match(await command('redrive'), /mend the View, and it is built anew/);
    // Built anew it meets the event again, and has one letter of it.
    const { building } = await admin('/api/views/default/orders/rebuild', 'POST');
    await eventually(async () => (await report()).generation === building, 'it serves');
    assert.deepEqual(
      (await list()).map(({ id }) => id),
      [letter?.id],
    );
    assert.match(await command('purge'), /"taken":1/);
    assert.deepEqual(await list(), []);
  });

  it('answer at the internal listener', async () => {
    await ask(`key=a&after=${await publish({ id: 'a', who: 'ada', n: 1 })}`);
    const { internalKey } = JSON.parse(readFileSync(join(folder, '.tenfold', 'platform.json'), 'utf8'));
    const headers = { 'tenfold-key': internalKey };
    const answer = await fetch(`${platform.addresses.internal}/views/orders?key=a`, { headers });
    assert.deepEqual(await answer.json(), { who: 'ada', n: 1 });
  });
});
