// A Strangler with sync over a whole platform: changes of the new side reach legacy once, those
// that came from there never return, and lag holds moves up.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import type { FeatureReport } from '../../../gateway/strangler/report.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const app = (legacy: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec:
  legacy: { url: '${legacy}' }
  features:
    - name: orders
      match: { path: /orders/* }
      to: { function: orders }
      phase: live
      shadow: { unsafeMethods: true, compare: { status: false, body: none, headers: [] } }
      sync: { topic: orders.changed, to: { function: orders-to-legacy }, maxLag: 1s }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders.changed }
spec: { partitions: 2 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: legacy.orders }
spec: { partitions: 2 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: from-legacy }
spec: { topic: legacy.orders, to: { function: orders-from-legacy }, from: earliest }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { source: ./orders.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders-to-legacy }
spec: { source: ./orders-to-legacy.ts, env: [{ name: LEGACY_URL, value: '${legacy}' }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders-from-legacy }
spec: { source: ./orders-from-legacy.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: events }
spec:
  basePath: /events
  routes: [{ match: { method: POST, path: /changed }, to: { topic: orders.changed } }]
`;

const ORDERS = `import { http, reply } from 'tenfold';
export default http({
  'POST /orders': async (request, { publish }) => {
    const order = await request.json();
    await publish('orders.changed', order, { key: order.id });
    return reply(201, order);
  },
});
`;
// It tells the new side what legacy made of it, which is one more change.
const TO_LEGACY = `import { event } from 'tenfold';
export default event(async ({ data }, { publish, origin }) => {
  const body = JSON.stringify(data);
  const answer = await fetch(process.env.LEGACY_URL + '/import', { method: 'PUT', body, headers: { 'x-origin': origin } });
  if (!answer.ok) throw new Error('legacy answered ' + answer.status);
  await publish('orders.changed', { ...data, imported: true }, { key: data.id });
});
`;
const FROM_LEGACY = `import { event } from 'tenfold';
export default event(async ({ data }, { invoke }) => {
  await invoke('orders', { method: 'POST', path: '/orders', body: data });
});
`;

describe('the sync of a Strangler', () => {
  let folder: string;
  let platform: Platform;
  let legacy: Awaited<ReturnType<typeof startUpstream>>;
  /** Bodies of what was written back, with what was said of where it has been. */
  const imported: { readonly id: string; readonly origin: string }[] = [];
  let legacyIsDown = false;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    request.on('data', chunk => (body += chunk));
    await once(request, 'end');
    if (request.url === '/import' && !legacyIsDown) {
      imported.push({ id: JSON.parse(body).id, origin: String(request.headers['x-origin']) });
    }
    response.writeHead(legacyIsDown ? 500 : 200, { 'content-type': 'application/json' }).end('{}');
  }

  const start = async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
    assert.deepEqual(platform.view.catalog.problems, []);
  };
  beforeEach(async () => {
    imported.length = 0;
    legacyIsDown = false;
    legacy = await startUpstream((request, response) => void answer(request, response));
    // Inside the checkout, so that functions find their packages.
    const cache = join(dirname(dirname(dirname(import.meta.dirname))), '.cache');
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, 'sync-'));
    const files = { 'app.yaml': app(legacy.origin), 'orders.ts': ORDERS, 'orders-to-legacy.ts': TO_LEGACY };
    for (const [name, text] of Object.entries({ ...files, 'orders-from-legacy.ts': FROM_LEGACY })) {
      writeFileSync(join(folder, name), text);
    }
    await start();
  });
  afterEach(async () => {
    await platform.close(1000);
    await legacy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const post = async (base: string, path: string, data: object, headers: Record<string, string> = {}) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
    const { status } = await fetch(base + path, { ...init, body: JSON.stringify(data) });
    return status;
  };
  const place = (id: string) => post(platform.addresses.public, '/orders', { id });
  const callInternal = (path: string, id: string, headers: Record<string, string>) => {
    const state = JSON.parse(readFileSync(join(folder, '.tenfold/platform.json'), 'utf8'));
    return post(platform.addresses.internal, path, { id }, { 'tenfold-key': state.internalKey, ...headers });
  };
  const event = (id: string) => ({ 'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/test', 'ce-type': 'test' });
  const move = async (action: 'phase' | 'promote', body: object) => {
    const where = `${platform.addresses.admin}/api/stranglers/default/shop/features/orders/${action}`;
    const headers = { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' };
    const method = action === 'phase' ? 'PUT' : 'POST';
    const answered = await fetch(where, { method, headers, body: JSON.stringify(body) });
    return { status: answered.status, body: (await answered.json()) as FeatureReport & { detail?: string } };
  };
  const sync = () => platform.view.stranglers.get('default', 'shop').features[0]?.sync ?? assert.fail('no sync');
  const settled = (returned: number) =>
    eventually(() => sync().lag === 0 && sync().returned >= returned, `${returned} changes came from legacy`);
  const ids = () => imported.map(({ id }) => id);

  it('writes changes of the new side back, and leaves out what that causes', async () => {
    assert.equal(await place('o1'), 201);
    await settled(1);
    assert.deepEqual(imported, [{ id: 'o1', origin: 'default/shop' }]);
    assert.equal(sync().returned, 1);
    const [consumer] = (await platform.view.events.consumers()).filter(({ kind }) => kind === 'Strangler');
    assert.equal(consumer?.name, 'shop.orders');
    assert.match(await platform.view.metrics(), /tenfold_consumer_lag_events\{[^}]*kind="Strangler"[^}]*\} 0/);
  });

  it('leaves out what the copies of a shadow cause: legacy has done it itself', async () => {
    await move('phase', { phase: 'shadow' });
    assert.equal(await place('o1'), 200);
    await settled(1);
    assert.deepEqual(ids(), []);
  });

  it('never returns what legacy has published, through functions that call functions', async () => {
    assert.equal(await callInternal('/topics/legacy.orders', 'o1', { ...event('1'), 'ce-tenfoldorigin': 'shop' }), 204);
    await settled(1);
    assert.equal(await callInternal('/functions/orders/orders', 'o2', { 'tenfold-origin': 'shop' }), 201);
    await settled(2);
    // That of another system is news.
    assert.equal(await callInternal('/topics/legacy.orders', 'o3', { ...event('3'), 'ce-tenfoldorigin': 'crm' }), 204);
    await settled(3);
    assert.deepEqual(imported, [{ id: 'o3', origin: 'default/crm,default/shop' }]);
  });

  it('does not believe clients that a change has been in legacy', async () => {
    const { public: address } = platform.addresses;
    const forged = { ...event('1'), 'ce-tenfoldorigin': 'default/shop', 'tenfold-origin': 'default/shop' };
    assert.equal(await post(address, '/events/changed', { id: 'o1' }, forged), 204);
    const structured = {
      specversion: '1.0',
      id: '2',
      source: '/x',
      type: 'x',
      tenfoldorigin: 'shop',
      data: { id: 'o2' },
    };
    const type = { 'content-type': 'application/cloudevents+json' };
    assert.equal(await post(address, '/events/changed', structured, type), 204);
    await settled(2);
    assert.deepEqual(ids().sort(), ['o1', 'o2']);
  });

  it('holds promotion and retirement up while legacy is behind, unless somebody insists', async () => {
    await move('phase', { phase: 'canary', percent: 100 });
    legacyIsDown = true;
    await place('o1');
    await eventually(() => sync().behind !== undefined, 'legacy is behind');
    const refused = await move('promote', {});
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail ?? '', /^orders is not moved on\. Legacy is \d+s behind \(1 change, at most 1s\)/);
    const retired = await move('phase', { phase: 'retired' });
    assert.match(retired.body.detail ?? '', /not retired: legacy lacks changes \(1 change\)/);
    assert.equal((await move('promote', { force: true })).body.phase, 'live');
    // Legacy is gone: nothing is written back, and nothing is lost of what was to be.
    assert.equal((await move('phase', { phase: 'retired', force: true })).body.phase, 'retired');
    await eventually(() => sync().state === 'off', 'the sync has ended');
    legacyIsDown = false;
    await place('o2');
    assert.equal((await move('phase', { phase: 'live' })).status, 200);
    await eventually(() => imported.length === 2, 'both changes have reached legacy');
    assert.deepEqual(ids().sort(), ['o1', 'o2']);
  });

  it('goes on where it was after its Topic got more partitions: each change once, those of a key in order', async () => {
    const keys = ['o1', 'o2', 'o3', 'o4', 'o5', 'o6'];
    const round = async () => {
      for (const id of keys) assert.equal(await place(id), 201);
    };
    const begin = async (text: string) => {
      await platform.close(1000);
      writeFileSync(join(folder, 'app.yaml'), text);
      await start();
    };
    const text = app(legacy.origin);
    await round();
    await eventually(() => sync().lag === 0 && imported.length === keys.length, 'legacy has all');
    await begin(text.replace(/^ +sync: .*\n/m, ''));
    await begin(text.replace('orders.changed }\nspec: { partitions: 2 }', 'orders.changed }\nspec: { partitions: 7 }'));
    await round();
    await eventually(() => sync().lag === 0 && imported.length >= 2 * keys.length, 'legacy has all again');
    assert.deepEqual(ids().sort(), [...keys, ...keys].sort());
    const topic = (await platform.view.events.topics()).find(({ name }) => name === 'orders.changed');
    assert.equal(topic?.partitions, 7);
  });
});
