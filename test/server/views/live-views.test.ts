// Views that are followed, over a whole platform: rows, then changes, as the caller may see them,
// over reconnects, restarts and another generation.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { Followed } from '../../gateway/views/live/followed.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 2, key: "\${event.data.id}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: orders }
spec:
  from: [orders]
  table:
    key: "\${event.data.id}"
    value: { who: "\${event.data.who}", n: "\${event.data.n}" }
    delete: "\${has(event.data.gone)}"
    indexes: [who]
  query: { maxFollowers: 2 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: GET, path: /orders }, to: { view: orders } }
    - match: { method: GET, path: /mine }
      to: { view: orders }
      auth: { allow: "\${request.query.index == 'who' && request.query.value == request.headers.user}" }
      cache: { ttl: 1h }
`;

describe('a View that is followed', () => {
  let folder: string;
  let platform: Platform;
  const streams: AbortController[] = [];

  const start = async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
  };
  before(async () => {
    folder = tempFolder({ 'app.yaml': APP });
    await start();
  });
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.abort();
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const publish = async (data: object): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(data);
    const answer = await fetch(`${platform.addresses.public}/orders`, { method: 'POST', headers, body });
    assert.equal(answer.status, 204, await answer.text());
    return answer.headers.get('tenfold-position') ?? assert.fail('no position');
  };
  const open = async (query: string, lastId = '') => {
    const stream = new AbortController();
    streams.push(stream);
    const headers = { accept: 'text/event-stream', ...(lastId === '' ? {} : { 'last-event-id': lastId }) };
    const answer = await fetch(`${platform.addresses.public}/orders?${query}`, { headers, signal: stream.signal });
    return { answer, stream };
  };
  /** `over` resolves when the stream has ended. */
  const follow = async (query: string, followed = new Followed()) => {
    const { answer, stream } = await open(query, followed.lastId);
    assert.equal(answer.status, 200, answer.status === 200 ? '' : await answer.text());
    assert.equal(answer.headers.get('content-type'), 'text/event-stream');
    const over = followed.read(answer.body ?? assert.fail('no body')).catch(() => undefined);
    return { followed, stop: () => stream.abort(), over };
  };
  const has = (followed: Followed, items: object[]) =>
    eventually(
      () => JSON.stringify(followed.items) === JSON.stringify(items),
      () => `${JSON.stringify(followed.items)} is ${JSON.stringify(items)}`,
    );
  const row = (key: string, who: string, n: number) => ({ key, value: { who, n } });

  it('tells the rows that match, and then what comes, goes and changes, to those whom it concerns', async () => {
    await publish({ id: 'a', who: 'ada', n: 1 });
    const after = await publish({ id: 'b', who: 'bob', n: 1 });
    const ada = await follow(`index=who&value=ada&after=${after}`);
    const one = await follow(`key=c&live`);
    await has(ada.followed, [row('a', 'ada', 1)]);
    await publish({ id: 'c', who: 'ada', n: 2 });
    await has(ada.followed, [row('a', 'ada', 1), row('c', 'ada', 2)]);
    await has(one.followed, [row('c', 'ada', 2)]);
    await publish({ id: 'a', who: 'bob', n: 3 });
    await has(ada.followed, [row('c', 'ada', 2)]);
    await publish({ id: 'c', gone: true });
    await has(ada.followed, []);
    await has(one.followed, []);
    assert.deepEqual([...new Set(ada.followed.events)], ['rows', 'change']);
    assert.deepEqual(ada.followed.reasons, []);
  });

  it('asks the route who may follow, and never the cache of the route for an answer', async () => {
    const after = await publish({ id: 'm', who: 'mia', n: 1 });
    const url = `${platform.addresses.public}/mine?index=who&value=mia`;
    const stream = new AbortController();
    streams.push(stream);
    const ask = (headers: Record<string, string>, query = '') => fetch(url + query, { headers, signal: stream.signal });
    assert.equal((await ask({ user: 'mia' }, `&after=${after}`)).status, 200);
    assert.equal((await ask({ user: 'bob', accept: 'text/event-stream' })).status, 403);
    assert.equal((await ask({ user: 'mia' })).status, 200);
    const answer = await ask({ user: 'mia', accept: 'text/event-stream' });
    assert.equal(answer.headers.get('content-type'), 'text/event-stream');
    const followed = new Followed();
    void followed.read(answer.body ?? assert.fail('no body')).catch(() => undefined);
    await has(followed, [row('m', 'mia', 1)]);
    await publish({ id: 'm', who: 'mia', n: 2 });
    await has(followed, [row('m', 'mia', 2)]);
  });

  it('refuses more followers than it may have, and what cannot be followed', async () => {
    const [first] = await Promise.all([follow('key=a'), follow('key=b')]);
    const { answer: refused } = await open('key=c');
    assert.equal(refused.status, 503);
    assert.match(await refused.text(), /It has as many followers as it may have\. Connect again later\./);
    assert.equal(refused.headers.get('retry-after'), '5');
    first.stop();
    await eventually(async () => (await open('key=c')).answer.status === 200, 'there is room again');
    for (const stream of streams.splice(0)) stream.abort();
    const { answer } = await open('index=who&value=ada&after=xyz');
    assert.equal(answer.status, 400);
  });

  it('goes on where it was, over a restart too, or tells all anew and why', async () => {
    await publish({ id: 'd', who: 'eve', n: 1 });
    const query = 'index=who&value=eve';
    const first = await follow(query);
    await has(first.followed, [row('d', 'eve', 1)]);
    first.stop();
    await first.over;
    await publish({ id: 'e', who: 'eve', n: 2 });
    const second = await follow(query, first.followed);
    await has(second.followed, [row('d', 'eve', 1), row('e', 'eve', 2)]);
    assert.deepEqual(second.followed.reasons, []);
    await platform.close(1000);
    await second.over;
    assert.equal(second.followed.events.at(-1), 'ended');
    await start();
    const third = await follow(query, second.followed);
    await eventually(() => third.followed.events.at(-1) === 'resumed', 'nothing has changed');
    await publish({ id: 'd', gone: true });
    await has(third.followed, [row('e', 'eve', 2)]);
    third.stop();
    await third.over;
    await platform.close(1000);
    writeFileSync(
      join(folder, 'app.yaml'),
      readFileSync(join(folder, 'app.yaml'), 'utf8').replace(', n: "${event.data.n}"', ''),
    );
    await start();
    const fourth = await follow(query, third.followed);
    await eventually(async () => {
      if (fourth.followed.events.at(-1) === 'ended') void follow(query, fourth.followed);
      return JSON.stringify(fourth.followed.items) === JSON.stringify([{ key: 'e', value: { who: 'eve' } }]);
    }, 'the new generation is told');
    assert.match(fourth.followed.reasons.at(-1) ?? '', /^The rows are others than before/);
  });
});
