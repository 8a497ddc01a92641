// The event plane over a whole platform on real files and sockets: published, delivered, given up,
// redriven, paused, replayed, kept over restarts.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeadLetterSummary } from '../../../admin/commands/dead-letter-view.ts';
import type { ConsumerReport } from '../../../admin/event-view.ts';
import type { Page } from '../../../admin/page.ts';
import type { EventStory } from '../../../admin/story-view.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: wall }
spec: { source: ./wall.ts, permissions: { write: [./kept] } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: late }
spec: { source: ./late.ts, permissions: { write: [./kept] } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 2, key: "\${event.data.table}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: wall }
spec: { topic: orders, to: { function: wall }, retry: { attempts: 2, initial: 10ms } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { method: POST, path: /orders }
      to: { topic: orders }
`;
/** Writes what it gets into a file; fails for the table of which a file says so. */
const wall = (name: string) => `import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { event } from 'tenfold';
export default event<{ table: string; n: number }>(({ data }) => {
  if (existsSync(join(import.meta.dirname, 'kept', 'broken-' + data.table))) throw new Error('the screen is dark');
  appendFileSync(join(import.meta.dirname, 'kept', '${name}.txt'), data.table + data.n + '\\n');
});
`;

/** Nothing here takes long; starting a function takes longest. */
const until = (holds: () => boolean | Promise<boolean>) => eventually(holds, String(holds));

describe('events on a platform', () => {
  let folder: string;
  let platform: Platform;

  const start = async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
  };
  beforeEach(async () => {
    folder = tempFolder({ 'app.yaml': APP, 'kept/note': '', 'wall.ts': wall('wall'), 'late.ts': wall('late') });
    await start();
  });
  afterEach(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const order = async (table: string, n: number) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ table, n });
    const answer = await fetch(`${platform.addresses.public}/orders`, { method: 'POST', headers, body });
    assert.equal(answer.status, 204, await answer.text());
  };
  const admin = async <T>(path: string, method = 'GET', body?: unknown): Promise<T> => {
    const headers = { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${platform.addresses.admin}/api${path}`, { method, headers, ...sent });
    const text = await answer.text();
    assert.ok(answer.ok, text);
    return JSON.parse(text.trim().split('\n').at(-1) || 'null');
  };
  const shown = (name = 'wall') => {
    try {
      return readFileSync(join(folder, 'kept', `${name}.txt`), 'utf8')
        .trim()
        .split('\n');
    } catch {
      return [];
    }
  };
  const consumer = (name = 'wall') => admin<ConsumerReport>(`/consumers/Subscription/default/${name}`);
  const dead = async () => (await admin<Page<DeadLetterSummary>>('/dead-letters')).items;

  it('reach their subscriber in order of their keys', async () => {
    for (let n = 1; n <= 5; n++) for (const table of ['a', 'b']) await order(table, n);
    await until(() => shown().length === 10);
    const of = (table: string) => shown().filter(each => each.startsWith(table));
    assert.deepEqual(of('a'), ['a1', 'a2', 'a3', 'a4', 'a5']);
    assert.deepEqual(of('b'), ['b1', 'b2', 'b3', 'b4', 'b5']);
    await until(async () => (await consumer()).lag === 0);
    assert.match(await platform.view.metrics(), /tenfold_consumer_delivered_total\{[^}]*name="wall"[^}]*\} 10/);
  });

  it('that fail hold up nobody else, end as dead letters, and come back in order when redriven', async () => {
    writeFileSync(join(folder, 'kept', 'broken-a'), '');
    for (const n of [1, 2]) for (const table of ['a', 'b']) await order(table, n);
    await until(() => shown().length === 2);
    assert.deepEqual(shown(), ['b1', 'b2']);
    await until(async () => (await dead()).length === 2);
    const [first] = await dead();
    assert.deepEqual([first?.key, first?.reason, first?.attempts, first?.status], ['a', 'exhausted', 2, 500]);
    const detail = await admin<{ event: { data: unknown } }>(`/dead-letters/Subscription/default/wall/${first?.id}`);
    assert.deepEqual(detail.event.data, { table: 'a', n: 1 });
    const story = await admin<EventStory>(`/topics/default/orders/events/${first?.id}/story`);
    assert.deepEqual(
      story.consumers.map(({ consumer, fate, attempts }) => [consumer.name, fate, attempts]),
      [['wall', 'dead', 2]],
    );
    rmSync(join(folder, 'kept', 'broken-a'));
    const all = { action: 'redrive', kind: 'Subscription', name: 'wall', query: { reason: 'exhausted' } };
    const { taken } = await admin<{ taken: number }>('/dead-letters/commands', 'POST', all);
    assert.equal(taken, 2);
    await until(() => shown().length === 4);
    assert.deepEqual(shown(), ['b1', 'b2', 'a1', 'a2']);
    await until(async () => (await dead()).length === 0);
  });

  it('wait while a subscription is paused, also over a restart', async () => {
    await admin('/consumers/Subscription/default/wall/pause', 'POST');
    await platform.close(1000);
    await start();
    await order('a', 1);
    assert.equal((await consumer()).state, 'paused');
    assert.equal((await consumer()).pausedByCommand, true);
    assert.deepEqual(shown(), []);
    await admin('/consumers/Subscription/default/wall/resume', 'POST');
    await until(() => shown().length === 1);
  });

  it('that were published before are replayed to a late function, and the subscription is not moved', async () => {
    for (const n of [1, 2, 3]) await order('a', n);
    await until(() => shown().length === 3);
    const request = { from: 'earliest', toFunction: 'late' };
    const replay = await admin<ConsumerReport>('/consumers/Subscription/default/wall/replays', 'POST', request);
    assert.equal(replay.replayOf, 'wall');
    await until(async () => (await consumer(replay.name)).state === 'finished');
    assert.deepEqual(shown('late'), ['a1', 'a2', 'a3']);
    await order('a', 4);
    await until(() => shown().length === 4);
    assert.deepEqual(shown('late'), ['a1', 'a2', 'a3']);
    await admin(`/consumers/Subscription/default/${replay.name}`, 'DELETE');
    await assert.rejects(consumer(replay.name), /not-found/);
  });

  it('are delivered to a subscription that was added later, by its own position', async () => {
    await order('a', 1);
    await until(() => shown().length === 1);
    await platform.close(1000);
    const added = `---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: late }
spec: { topic: orders, to: { function: late }, from: earliest, filter: "\${event.data.n < 2}" }
`;
    appendFileSync(join(folder, 'app.yaml'), added);
    await start();
    await order('a', 2);
    await until(() => shown('late').length === 1 && shown().length === 2);
    await until(async () => (await consumer('late')).lag === 0);
    assert.deepEqual(shown('late'), ['a1']);
  });
});
