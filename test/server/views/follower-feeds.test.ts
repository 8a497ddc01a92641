// Feeds of followers over a whole platform: who has followed before gets it, few or many, page by
// page; and what is deleted is gone everywhere.
import assert from 'node:assert/strict';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: follows }
spec: { partitions: 2, key: "\${event.data.follower}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: tweets }
spec: { partitions: 2, key: "\${event.data.by}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: followers }
spec:
  from: [follows]
  table:
    key: "\${event.data.follower + ' ' + event.data.followed}"
    delete: "\${has(event.data.ended)}"
    indexes: [followed, follower]
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: timelines }
spec:
  from: [tweets]
  # A busy machine folds late what a query waits for.
  query: { timeout: 29s }
  feed:
    followers: { view: followers, index: followed, member: follower, author: "\${event.data.by}", readAbove: 3 }
    id: "\${event.data.id}"
    delete: "\${has(event.data.gone)}"
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: social }
spec:
  routes:
    - { match: { method: POST, path: /follows }, to: { topic: follows } }
    - { match: { method: POST, path: /tweets }, to: { topic: tweets } }
    - { match: { method: GET, path: /timeline }, to: { view: timelines } }
`;

describe('feeds of followers on a platform', () => {
  let platform: Platform;
  let n = 0;

  before(async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    const directory = tempFolder({ 'app.yaml': APP });
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const publish = async (path: string, data: object) => {
    const event = { specversion: '1.0', id: `${n}`, source: '/test', type: 't' };
    const time = new Date(Date.parse('2026-01-01T00:00:00Z') + n++ * 1000).toISOString();
    const answer = await fetch(`${platform.addresses.public}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ ...event, time, data }),
    });
    assert.equal(answer.status, 204, await answer.text());
    return answer.headers.get('tenfold-position') ?? '';
  };
  const follow = (follower: string, followed: string) => publish('/follows', { follower, followed });
  const timeline = async (owner: string, query = '') => {
    const answer = await fetch(`${platform.addresses.public}/timeline?owner=${owner}${query}`);
    assert.equal(answer.status, 200);
    const { items, next } = (await answer.json()) as { items: { id: string }[]; next?: string };
    return { ids: items.map(({ id }) => id), next };
  };

  it('show what those write whom one follows, with few followers or very many', async () => {
    await follow('bob', 'ada');
    for (const follower of ['a', 'b', 'c', 'bob']) await follow(follower, 'star');
    let last = '';
    for (const by of ['ada', 'star', 'eve', 'ada', 'star', 'star', 'ada']) {
      // Not followed by anybody is eve.
      const position = await publish('/tweets', { id: `${by}-${n}`, by });
      last = last === '' ? position : `${last},${position}`;
    }
    const all = (await timeline('bob', `&after=${last}`)).ids;
    assert.deepEqual(all, ['ada-11', 'star-10', 'star-9', 'ada-8', 'star-6', 'ada-5']);
    assert.deepEqual((await timeline('a')).ids, ['star-10', 'star-9', 'star-6']);
    assert.deepEqual((await timeline('star')).ids, []);
    const paged: string[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const page = await timeline('bob', `&limit=2${next && `&after=${next}`}`);
      paged.push(...page.ids);
      next = page.next;
    }
    assert.deepEqual(paged, all);
  });

  it('have what is written right after one has followed', async () => {
    for (let turn = 0; turn < 5; turn++) {
      await follow(`late-${turn}`, 'quick');
      const position = await publish('/tweets', { id: `quick-${turn}`, by: 'quick' });
      const { ids } = await timeline(`late-${turn}`, `&after=${position}`);
      assert.deepEqual(ids, turn < 3 ? [`quick-${turn}`] : ['quick-4', 'quick-3'].slice(4 - turn), `turn ${turn}`);
    }
  });

  it('lose what is deleted, also when its author has more followers by then', async () => {
    await follow('zoe', 'grow');
    const first = await publish('/tweets', { id: 'grow-1', by: 'grow' });
    assert.deepEqual((await timeline('zoe', `&after=${first}`)).ids, ['grow-1']);
    for (const follower of ['g1', 'g2', 'g3']) await follow(follower, 'grow');
    const second = await publish('/tweets', { id: 'grow-2', by: 'grow' });
    assert.deepEqual((await timeline('zoe', `&after=${second}`)).ids, ['grow-2', 'grow-1']);
    await publish('/tweets', { id: 'grow-1', by: 'grow', gone: true });
    const last = await publish('/tweets', { id: 'grow-2', by: 'grow', gone: true });
    assert.deepEqual((await timeline('zoe', `&after=${last}`)).ids, []);
  });

  it('no longer add authors with very many followers whom one has left', async () => {
    assert.ok((await timeline('a')).ids.length > 0);
    await publish('/follows', { follower: 'a', followed: 'star', ended: true });
    await eventually(async () => (await timeline('a')).ids.length === 0, 'they are left out');
  });
});
