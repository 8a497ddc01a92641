// Reading and following a Topic of a whole platform, by its admin API and by the command line as a
// process of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TopicEventPage, TopicLine } from '../../../admin/topic-view.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { collect, startCli } from '../../cli/run-cli.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 2, key: "\${event.data.table}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }] }
`;

describe('the events of a Topic of a platform', () => {
  let folder: string;
  let platform: Platform;
  beforeEach(async () => {
    folder = tempFolder({ 'app.yaml': APP });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
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
  const ask = (path: string, body?: unknown) =>
    fetch(`${platform.addresses.admin}/api/topics/default/orders/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('are found by key and by what they say', async () => {
    for (const table of ['a', 'b', 'c']) await order(table, 1);
    const { items } = (await (await ask('events?filter=event.data.table%20!%3D%20%22b%22')).json()) as TopicEventPage;
    assert.deepEqual(items.map(({ key, data }) => [key, data]).toSorted(), [
      ['a', { table: 'a', n: 1 }],
      ['c', { table: 'c', n: 1 }],
    ]);
    const wrong = await ask('events?filter=event.tpye');
    assert.equal(wrong.status, 400);
  });

  it('are followed until the platform ends, which does not wait for followers', async () => {
    const answer = await ask('follow', {});
    await order('a', 1);
    const ending = platform.close(60_000);
    const began = performance.now();
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as TopicLine);
    await ending;
    // Without an end of their own followers would keep it for a minute.
    assert.ok(performance.now() - began < 50_000);
    assert.deepEqual(
      [lines[0]?.kind, lines.at(-1)],
      ['at', { kind: 'failed', code: 'shutting-down', message: 'The platform is shutting down.' }],
    );
  });

  it('are followed by the command line until Ctrl-C', async () => {
    const { admin } = platform.addresses;
    const words = [
      'topics',
      'tail',
      'orders',
      '--follow',
      '-o',
      'json',
      '--admin',
      admin,
      '--token',
      platform.adminToken,
    ];
    const child = startCli(words);
    const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
    await order('a', 1);
    await eventually(
      () => stdout().includes('"n":1'),
      () => stderr(),
    );
    await order('b', 2);
    await eventually(
      () => stdout().includes('"n":2'),
      () => stderr(),
    );
    const ended = once(child, 'close');
    child.kill('SIGINT');
    assert.deepEqual([...(await ended), stderr()], [0, null, '']);
    assert.equal(stdout().trim().split('\n').length, 2);
  });
});
