// Views fed by subscriptions and queues, over a whole platform: asked at the endpoints, and read
// again when the view is built anew.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const app = (value: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 2, key: "\${event.data.id}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: large }
spec: { topic: orders, filter: "\${event.data.n > 1}", to: { view: large }, from: earliest }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: by-hand }
spec: { to: { view: large } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: large }
spec: { table: { key: "\${event.data.id}", value: ${value} } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: POST, path: /by-hand }, to: { queue: by-hand } }
    - { match: { method: GET, path: /large }, to: { view: large } }
`;

describe('views that are fed on a platform', () => {
  let folder: string;
  let platform: Platform;

  const start = async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
  };
  before(async () => {
    folder = tempFolder({ 'app.yaml': app('{ n: "${event.data.n}" }') });
    await start();
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const post = async (path: string, data: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${platform.addresses.public}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(data),
    });
    assert.ok(answer.ok, await answer.text());
  };
  const row = async (key: string) => {
    const answer = await fetch(`${platform.addresses.public}/large?key=${key}`);
    return answer.status === 200 ? await answer.json() : answer.status;
  };

  it('show what a subscription lets through, and jobs', async () => {
    for (let n = 1; n <= 3; n++) await post('/orders', { id: `o${n}`, n });
    await post('/by-hand', { id: 'h', n: 9 });
    await eventually(async () => (await row('o3')) !== 404 && (await row('h')) !== 404, 'they are there');
    assert.deepEqual(await row('o3'), { n: 3 });
    assert.deepEqual(await row('h'), { n: 9 });
    assert.deepEqual(await row('o1'), 404);
  });

  it('are built anew from what they were fed', async () => {
    await platform.close(1000);
    writeFileSync(join(folder, 'app.yaml'), app('{ total: "${event.data.n}" }'));
    await start();
    const isBuilt = async () => JSON.stringify(await row('o2')) === '{"total":2}';
    await eventually(isBuilt, 'it is built');
    assert.deepEqual(await row('o2'), { total: 2 });
    assert.deepEqual(await row('h'), { total: 9 });
  });
});
