// A private Function answers its own namespace alone: whatever way a resource of another one finds
// to its address, the call is refused there.
import assert from 'node:assert/strict';
import { http } from 'tenfold';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { endFunction, type RunningFunction, startFunction } from '../../runtime/running-function.ts';

const APP = (url: string, namespace: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: endpoint, namespace: ${namespace} }
spec:
  url: ${url}
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: endpoint, namespace: ${namespace} }
spec:
  parts: { one: { to: { url: "${url}/part" } } }
  response: { body: "\${one.body}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: told, namespace: ${namespace} }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: endpoint, namespace: ${namespace} }
spec: { topic: told, to: { url: "${url}/event" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: endpoint, namespace: ${namespace} }
spec: { to: { function: endpoint }, callbacks: { secret: hooks } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: endpoint, namespace: ${namespace} }
spec:
  basePath: /${namespace}
  routes:
    - match: { path: /function }
      to: { function: endpoint }
    - match: { path: /url }
      to: { url: "${url}" }
    - match: { path: /aggregate }
      to: { aggregate: endpoint }
    - match: { method: POST, path: /events }
      to: { topic: told }
    - match: { method: POST, path: /jobs }
      to: { queue: endpoint }
`;

const bare = (path: string) => path.replace(/\/$/, '');

describe('A private Function', () => {
  let platform: Platform;
  let fn: RunningFunction;
  /** Paths that reached its server, and those that reached what it runs. */
  let arrived: string[];
  let reached: string[];

  before(async () => {
    const handler = http(({ path }) => {
      reached.push(bare(path));
      return { secret: 'of the shop' };
    });
    fn = await startFunction(handler, { namespace: 'shop' });
    fn.server.on('request', ({ url = '' }) => arrived.push(bare(url)));
    const namespaces = ['shop', 'spies'];
    const secrets = namespaces.map(name => [`.tenfold/secrets/${name}/hooks.json`, '{"key":"of the hooks"}']);
    const directory = tempFolder({
      'app.yaml': namespaces.map(name => APP(fn.url, name)).join('---\n'),
      ...Object.fromEntries(secrets),
    });
    const ports = { public: 0, internal: 0, admin: 0 };
    const callbackHosts = ['127.0.0.0/8'];
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, callbackHosts, events: {} });
    assert.deepEqual(platform.view.catalog.problems, []);
  });
  beforeEach(() => {
    arrived = [];
    reached = [];
  });
  after(async () => {
    await platform?.close(0);
    if (fn) await endFunction(fn);
    removeTempFolders();
  });

  const call = (path: string, init: RequestInit = {}) => fetch(platform.addresses.public + path, init);
  const ways = ['function', 'url', 'aggregate'];

  for (const way of ways) {
    it(`refuses what a resource of another namespace leads to it: ${way}`, async () => {
      const headers = { 'tenfold-namespace': 'shop', Tenfold_Namespace: 'shop' };
      const answer = await call(`/spies/${way}`, { headers });
      const text = await answer.text();
      assert.ok(answer.status >= 400, text);
      assert.doesNotMatch(text, /of the shop/);
      assert.deepEqual([arrived.length, reached], [1, []]);
    });

    it(`answers its own namespace: ${way}`, async () => {
      const answer = await call(`/shop/${way}`);
      assert.equal(answer.status, 200);
      assert.deepEqual(await answer.json(), { secret: 'of the shop' });
    });
  }

  const json = { 'content-type': 'application/json' };
  const acts: Readonly<Record<string, (namespace: string) => Promise<Response>>> = {
    '/event': namespace => call(`/${namespace}/events`, { method: 'POST', headers: json, body: '{}' }),
    '/callback': namespace => {
      const headers = { ...json, 'x-callback-url': `${fn.url}/callback` };
      return call(`/${namespace}/jobs`, { method: 'POST', headers, body: '{}' });
    },
  };
  for (const [path, act] of Object.entries(acts)) {
    it(`takes no ${path.slice(1)} of another namespace, and that of its own`, async () => {
      assert.ok((await act('spies')).ok);
      await eventually(() => arrived.includes(path), 'the call comes');
      assert.deepEqual(reached, []);
      assert.ok((await act('shop')).ok);
      await eventually(() => reached.includes(path), 'the call is taken');
    });
  }

  it('says what to do instead', async () => {
    const answer = await call('/spies/url');
    assert.equal(answer.status, 403);
    assert.match(await answer.text(), /#forbidden".*private to its namespace.*by an Api/);
  });
});
