// Pipelines over a whole platform: events published at an endpoint come out of their
// steps where they are to go.
import assert from 'node:assert/strict';
import type { PipelineReport } from '../../../admin/event-view.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: clicks }
spec: { partitions: 2, key: "\${event.data.page}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: clean }
spec: { partitions: 2 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: cleaning }
spec:
  from: { topic: clicks, start: earliest }
  steps:
    - filter: "\${!has(event.data.bot)}"
    - branch:
        - when: "\${event.data.page == '/admin'}"
          to: [{ view: admins }]
    - map: "\${{'page': event.data.page, 'twice': event.data.n * 2.0}}"
    - flatMap: "\${[event.data, {'page': event.data.page + '#'}]}"
  to:
    - topic: clean
      key: "\${event.data.page}"
    - view: pages
    - function: alert
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: alert }
spec: { source: ./alert.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: alerts }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: alerted }
spec: { from: [alerts], table: { key: "\${event.data.page}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: pages }
spec: { table: { key: "\${event.data.page}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: admins }
spec: { table: { key: "\${event.data.page}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: ids }
spec: { from: [clean], table: { key: "\${event.id}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /clicks }, to: { topic: clicks } }
    - { match: { method: GET, path: /pages }, to: { view: pages } }
    - { match: { method: GET, path: /admins }, to: { view: admins } }
    - { match: { method: GET, path: /alerted }, to: { view: alerted } }
    - { match: { method: GET, path: /ids }, to: { view: ids } }
`;

/** So many that they are not there at once. */
const MANY_TOPICS = Array.from({ length: 20 }, (_, index) => index)
  .map(
    index =>
      `apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: other-${index} }\nspec: { partitions: 12 }\n---\n`,
  )
  .join('');

const ALERT = `import { event } from 'tenfold';
export default event<{ page: string }>(async ({ id, data }, { publish }) => {
  await publish('alerts', { page: data.page, id });
});
`;

describe('pipelines on a platform', () => {
  let platform: Platform;
  const errors: string[] = [];

  before(async () => {
    const directory = tempFolder({ 'app.yaml': MANY_TOPICS + APP, 'alert.ts': ALERT });
    const ports = { public: 0, internal: 0, admin: 0 };
    const gatewayLog = ({ level, message }: { level: string; message: string }) => {
      if (level === 'error') errors.push(message);
    };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: { gatewayLog } });
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const post = async (data: object) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(data);
    const answer = await fetch(`${platform.addresses.public}/clicks`, { method: 'POST', headers, body });
    assert.ok(answer.ok, await answer.text());
  };
  const ask = async (path: string) => {
    const answer = await fetch(`${platform.addresses.public}${path}`);
    return answer.status === 200 ? await answer.json() : answer.status;
  };

  it('start where nothing is kept yet, without an error', async () => {
    const ready = async () => (await fetch(`${platform.addresses.admin}/readyz`)).status === 200;
    await eventually(ready, 'it is ready');
    assert.deepEqual(errors, []);
  });

  it('lead what comes out of their steps to topics and views', async () => {
    await post({ page: '/home', n: 3 });
    await post({ page: '/bot', n: 3, bot: true });
    await post({ page: '/admin', n: 1 });
    await eventually(
      async () => (await ask('/pages?key=/home')) !== 404 && (await ask('/admins?key=/admin')) !== 404,
      'they are there',
    );
    assert.deepEqual(await ask('/pages?key=/home'), { page: '/home', twice: 6 });
    assert.deepEqual(await ask('/pages?key=/home%23'), { page: '/home#' });
    assert.deepEqual(await ask('/admins?key=/admin'), { page: '/admin', n: 1 });
    assert.deepEqual([await ask('/pages?key=/admin'), await ask('/pages?key=/bot')], [404, 404]);
  });

  it('call functions with it', async () => {
    await eventually(async () => (await ask('/alerted?key=/home')) !== 404, 'it was called');
    const { id } = (await ask('/alerted?key=/home')) as { id: string };
    assert.match(id, /^cleaning\/[01]-0-0$/);
  });

  it('give what they make an id of where it comes from', async () => {
    const rows = async () => {
      const found = await Promise.all(
        [0, 1].flatMap(partition => [0, 1].map(index => ask(`/ids?key=cleaning/${partition}-0-${index}`))),
      );
      return found.filter(each => each !== 404);
    };
    await eventually(async () => (await rows()).length === 2, 'both are there');
  });

  it('set aside what nothing can be made of, and say how they do', async () => {
    await post({ page: '/odd', n: 'three' });
    const report = async (): Promise<PipelineReport | undefined> => {
      const headers = { authorization: `Bearer ${platform.adminToken}` };
      const answer = await fetch(`${platform.addresses.admin}/api/pipelines?name=cleaning`, { headers });
      const { items } = (await answer.json()) as { items: PipelineReport[] };
      return items[0];
    };
    await eventually(async () => (await report())?.handled === 4, 'all were handled');
    const { state, lag, refused, jumped } = (await report()) ?? {};
    assert.deepEqual({ state, lag, refused, jumped }, { state: 'running', lag: 0, refused: 1, jumped: 0 });
    const headers = { authorization: `Bearer ${platform.adminToken}` };
    const letters = await fetch(`${platform.addresses.admin}/api/dead-letters?kind=Pipeline&name=cleaning`, {
      headers,
    });
    const { items } = (await letters.json()) as { items: { reason: string; error: string }[] };
    assert.deepEqual(
      items.map(({ reason }) => reason),
      ['refused'],
    );
    const metrics = await (await fetch(`${platform.addresses.admin}/metrics`)).text();
    assert.match(metrics, /tenfold_pipeline_refused_total\{namespace="default",name="cleaning"\} 1\n/);
    assert.match(metrics, /tenfold_pipeline_dead_letters\{namespace="default",name="cleaning"\} 1\n/);
  });
});
