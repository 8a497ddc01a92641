// Views whose events go through a function first, over a whole platform: what it makes is folded
// once, and a key that fails holds up no other.
import assert from 'node:assert/strict';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const app = (url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 2, key: "\${event.data.who}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: itemise }
spec: { url: "${url}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: sold }
spec:
  from: [orders]
  project: { function: itemise }
  ranking: { member: "\${event.data.item}", score: "\${event.data.count}" }
  retry: { attempts: 100, initial: 20ms, max: 200ms }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: GET, path: /sold }, to: { view: sold } }
`;

describe('views that are projected on a platform', () => {
  let platform: Platform;
  let folder: string;
  let broken = new Set<string>();
  let upstream: Awaited<ReturnType<typeof startUpstream>>;

  const start = async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
    assert.deepEqual(platform.view.catalog.problems, []);
  };
  before(async () => {
    upstream = await startUpstream((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', part => parts.push(part));
      request.on('end', () => {
        const { who, items } = JSON.parse(Buffer.concat(parts).toString());
        response.statusCode = broken.has(who) ? 500 : items === undefined ? 422 : 200;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(response.statusCode === 200 ? items : { title: 'no' }));
      });
    });
    folder = tempFolder({ 'app.yaml': app(upstream.origin) });
    await start();
  });
  after(async () => {
    await platform.close(1000);
    await upstream.close();
    removeTempFolders();
  });

  const publish = async (data: object) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(data);
    const answer = await fetch(`${platform.addresses.public}/orders`, { method: 'POST', headers, body });
    assert.equal(answer.status, 204);
    return answer.headers.get('tenfold-position') ?? '';
  };
  const sold = async (query = 'top=10') => {
    const answer = await fetch(`${platform.addresses.public}/sold?${query}`);
    const { items } = (await answer.json()) as { items: { member: string; score: number }[] };
    return Object.fromEntries(items.map(({ member, score }) => [member, score]));
  };

  it('fold what the function makes of an event, and wait for it', async () => {
    await publish({
      who: 'ada',
      items: [
        { item: 'tea', count: 2 },
        { item: 'cake', count: 1 },
      ],
    });
    const position = await publish({ who: 'ada', items: [{ item: 'tea', count: 3 }] });
    await publish({ who: 'bob', items: [] });
    assert.deepEqual(await sold(`top=10&after=${position}`), { tea: 5, cake: 1 });
  });

  it('go on while one key fails, and take what was parked once it does not', async () => {
    broken = new Set(['eve']);
    for (let n = 0; n < 3; n++) await publish({ who: 'eve', items: [{ item: 'late', count: 1 }] });
    const position = await publish({ who: 'ada', items: [{ item: 'scone', count: 1 }] });
    assert.equal((await sold(`top=10&after=${position}`))['scone'], 1);
    assert.equal((await sold())['late'], undefined);
    broken = new Set();
    await eventually(async () => (await sold())['late'] === 3, 'what was parked is in');
  });

  it('give up what the function refuses, and are the same after a restart', async () => {
    await publish({ who: 'zoe' });
    await eventually(async () => (await platform.view.events.views())[0]?.behind === 0, 'all is worked off');
    const before = await sold();
    await platform.close(1000);
    await start();
    const position = await publish({ who: 'ada', items: [{ item: 'tea', count: 1 }] });
    assert.deepEqual(await sold(`top=10&after=${position}`), { ...before, tea: (before['tea'] ?? 0) + 1 });
  });
});
