// Rankings, feeds and state by key over a whole platform: fed by what is published, asked at the
// endpoints.
import assert from 'node:assert/strict';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const view = (name: string, shape: string) => `---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: ${name} }
spec: { from: [tweets], ${shape} }
`;
const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: tweets }
spec: { partitions: 3 }
${view('trends', 'ranking: { member: "${event.data.who}", score: "${event.data.points}", limit: 10 }')}
${view('lately', 'ranking: { member: "${event.data.who}", score: "${event.data.points}", window: 1m }')}
${view('timelines', 'feed: { owner: "${event.data.to}", value: { n: "${event.data.n}" } }')}
${view('sums', 'aggregate: { by: "${event.data.who}", values: { tweets: count(), points: sum(event.data.points), best: max(event.data.points) }, having: "${row.tweets > 1}", indexes: [points] }')}
${view('streaks', 'table: { key: "${event.data.who}", value: { points: "${(row == null ? 0 : row.points) + event.data.points}" } }')}
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: social }
spec:
  routes:
    - { match: { method: POST, path: /tweets }, to: { topic: tweets } }
    - { match: { method: GET, path: /trends }, to: { view: trends } }
    - { match: { method: GET, path: /lately }, to: { view: lately } }
    - { match: { method: GET, path: /timeline }, to: { view: timelines } }
    - { match: { method: GET, path: /sums }, to: { view: sums } }
    - { match: { method: GET, path: /streaks }, to: { view: streaks } }
`;

describe('rankings, feeds and state by key on a platform', () => {
  let platform: Platform;

  before(async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    const directory = tempFolder({ 'app.yaml': APP });
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const ask = async (path: string) => {
    const answer = await fetch(`${platform.addresses.public}${path}`);
    assert.equal(answer.status, 200, path);
    return (await answer.json()) as { items: Record<string, unknown>[]; next?: string };
  };

  const publish = async (id: string, data: object, time: string) => {
    const answer = await fetch(`${platform.addresses.public}/tweets`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ specversion: '1.0', id, source: '/test', type: 'tweet', time, data }),
    });
    assert.equal(answer.status, 204, await answer.text());
    return answer.headers.get('tenfold-position') ?? '';
  };

  it('rank members by their points, and keep the newest for each owner', async () => {
    const positions: string[] = [];
    for (let n = 1; n <= 9; n++) {
      const who = ['ada', 'bob', 'eve'][n % 3];
      const data = { who, points: n, n, to: n % 2 ? ['ada', 'bob'] : 'ada' };
      positions.push(await publish(`e${n}`, data, `2026-01-01T00:00:0${n}Z`));
    }
    const after = positions.join(',');
    assert.deepEqual((await ask(`/trends?top=2&after=${after}`)).items, [
      { rank: 1, member: 'ada', score: 18 },
      { rank: 2, member: 'eve', score: 15 },
    ]);
    assert.deepEqual(await ask('/trends?key=bob'), { member: 'bob', score: 12 });
    assert.deepEqual((await ask('/trends?key=eve&around=1')).items, [
      { rank: 1, member: 'ada', score: 18 },
      { rank: 2, member: 'eve', score: 15 },
      { rank: 3, member: 'bob', score: 12 },
    ]);
    const first = await ask(`/timeline?owner=bob&limit=3&after=${after}`);
    assert.deepEqual(
      first.items.map(({ id, value }) => [id, value]),
      [
        ['e9', { n: 9 }],
        ['e7', { n: 7 }],
        ['e5', { n: 5 }],
      ],
    );
    const rest = await ask(`/timeline?owner=bob&limit=3&after=${first.next}`);
    assert.deepEqual(
      rest.items.map(({ id }) => id),
      ['e3', 'e1'],
    );
    assert.equal((await ask('/timeline?owner=ada')).items.length, 9);
  });

  it('add up the events of a key, found by key and in the order of their values', async () => {
    const positions: string[] = [];
    for (let n = 1; n <= 7; n++) {
      const who = n === 7 ? 'una' : ['sam', 'tom'][n % 2];
      positions.push(await publish(`s${n}`, { who, points: n / 2, n, to: who }, `2026-01-02T00:00:0${n}Z`));
    }
    // As a client does that got no answer.
    positions.push(await publish('s6', { who: 'sam', points: 3, n: 6, to: 'sam' }, '2026-01-02T00:00:06Z'));
    const after = positions.join(',');
    assert.deepEqual(await ask(`/sums?key=sam&after=${after}`), { tweets: 3, points: 6, best: 3 });
    assert.equal((await fetch(`${platform.addresses.public}/sums?key=una`)).status, 404);
    const { items } = await ask('/sums?index=points&order=desc&limit=100');
    const ours = items.filter(({ key }) => key === 'sam' || key === 'tom' || key === 'una');
    assert.deepEqual(ours, [
      { key: 'sam', value: { tweets: 3, points: 6, best: 3 } },
      { key: 'tom', value: { tweets: 3, points: 4.5, best: 2.5 } },
    ]);
    assert.deepEqual(await ask(`/streaks?key=sam&after=${after}`), { points: 6 });
    assert.deepEqual(await ask('/streaks?key=una'), { points: 3.5 });
  });

  it('rank only what is not too long ago, and forget it when it is', async () => {
    const happened = (ago: number) => new Date(Date.now() - ago).toISOString();
    const positions = await Promise.all([
      publish('w1', { who: 'ada', points: 2 }, happened(58_000)),
      publish('w2', { who: 'bob', points: 1 }, happened(1_000)),
    ]);
    const found = async () => (await ask('/lately?top=3')).items.map(({ member, score }) => `${member} ${score}`);
    await ask(`/lately?top=1&after=${positions.join(',')}`);
    assert.deepEqual(await found(), ['ada 2', 'bob 1']);
    await eventually(async () => (await found()).length === 1, 'the older one is over');
    assert.deepEqual(await found(), ['bob 1']);
  });
});
