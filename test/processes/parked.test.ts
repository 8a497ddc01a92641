// Keys that are parked while the platform is killed are the same afterwards, and can be tried now
// or given up: of a Subscription, a Queue, and a View with a function.
import assert from 'node:assert/strict';
import type { DeadLetterSummary } from '../../admin/commands/dead-letter-view.ts';
import type { JobSummary } from '../../admin/job-view.ts';
import type { Page } from '../../admin/page.ts';
import type { ParkedDetail, ParkedKey } from '../../admin/parked-view.ts';
import { runCli } from '../cli/run-cli.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 2, key: "\${event.data.item}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: receipts }
spec: { topic: orders, to: { function: menu }, retry: { attempts: 9, initial: 1h, max: 1h } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: exports }
spec: { to: { function: menu }, retry: { attempts: 9, initial: 1h, max: 1h } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: sold }
spec:
  from: [orders]
  project: { function: menu }
  table: { key: "\${event.data.item}" }
  retry: { attempts: 9, initial: 1h, max: 1h }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: menu }
spec: { source: ./menu.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: POST, path: /exports }, to: { queue: exports } }
`;
const MENU = `import { event } from 'tenfold';
export default event<{ item: string }>(({ data }) => {
  if (data.item === 'boom') throw new RangeError('no price for boom');
});
`;

describe('a parked key over a kill', () => {
  let directory: string;
  let platform: RunningProcess;

  const start = async () => {
    platform = await startProcess({ role: 'serve', directory });
    await eventually(() => platform.isReady(), 'it is ready');
  };
  const admin = async <T>(path: string): Promise<T> => JSON.parse(await (await platform.admin(path)).text());
  const parked = async (kind = 'Subscription', name = 'receipts') =>
    (await admin<Page<ParkedKey>>(`/api/parked?kind=${kind}&name=${encodeURIComponent(name)}`)).items;
  const post = async (path: string, item: string, n: number) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ item, n });
    const answer = await fetch(`${platform.addresses.public}${path}`, { method: 'POST', headers, body });
    assert.ok(answer.ok, `${answer.status}`);
    return answer.text();
  };
  const order = (item: string, n: number) => post('/orders', item, n);
  const command = async (words: string[]): Promise<string> => {
    const { stdout, stderr, code } = await runCli(['parked', ...words, '--dir', directory]);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const letters = async (query: string) =>
    (await admin<Page<DeadLetterSummary>>(`/api/dead-letters?${query}`)).items.map(each => [each.key, each.reason]);

  before(async () => {
    // Not while tests are defined: the end of other files removes all folders.
    directory = tempFolder({ 'app.yaml': APP, 'menu.ts': MENU });
    await start();
  });
  after(async () => {
    await platform?.end('SIGKILL');
    removeTempFolders();
  });

  it('is listed as before, with what waits behind its head, its attempts and its cause', async () => {
    for (const n of [1, 2, 3]) await order('boom', n);
    await order('tea', 1);
    await eventually(async () => (await parked())[0]?.events === 3, 'all of the key are parked');
    const before = await parked();
    await platform.end('SIGKILL');
    await start();
    assert.deepEqual(await parked(), before);
    const [first, ...others] = before;
    assert.deepEqual(others, []);
    assert.deepEqual([first?.key, first?.state, first?.attempts, first?.status], ['boom', 'retrying', 1, 500]);
    assert.deepEqual([first?.cause?.name, first?.cause?.message], ['RangeError', 'no price for boom']);
    assert.ok(Date.parse(first?.nextAttemptAt ?? '') - Date.parse(first?.since ?? '') > 60_000);
    const detail = await admin<ParkedDetail>(`/api/parked/Subscription/default/receipts/${first?.id}`);
    assert.deepEqual(detail.data, { text: '{"item":"boom","n":1}' });
    assert.equal(detail.waiting.items.length, 3);
    assert.deepEqual(
      detail.waiting.items.map(({ attempts }) => attempts),
      [1, 0, 0],
    );
  });

  it('is tried now, and given up with all that waits', async () => {
    const [first] = await parked();
    assert.equal(await command(['retry', 'receipts', first?.id ?? '']), 'subscription/receipts: 1 tried now\n');
    await eventually(async () => (await parked())[0]?.attempts === 2, 'it was tried');
    assert.equal(
      await command(['give-up', 'receipts', '--key', 'boom', '--whole-key']),
      'subscription/receipts: 3 given up\n',
    );
    await eventually(async () => (await letters('kind=Subscription&name=receipts')).length === 3, 'all are given up');
    assert.deepEqual((await letters('kind=Subscription&name=receipts'))[0], ['boom', 'abandoned']);
    assert.deepEqual(await parked(), []);
    const lines = platform
      .output()
      .split('\n')
      .filter(line => line.includes('an operator asked for a parked event'));
    assert.equal(lines.length, 4);
    assert.match(lines[0] ?? '', /"consumer":"Subscription\/default\/receipts".*"key":"boom"/);
  });

  it('of a Queue is a job that fails when it is given up', async () => {
    const { id } = JSON.parse(await post('/exports', 'boom', 1));
    await eventually(async () => (await parked('Queue', 'exports')).length === 1, 'the job is parked');
    await command(['give-up', 'queue/exports', '--all']);
    const job = () => admin<JobSummary>(`/api/jobs/default/exports/${id}`);
    await eventually(async () => (await job()).state === 'failed', 'the job fails');
    assert.equal((await job()).cause?.message, 'no price for boom');
  });

  it('of a View is the event that its function fails for', async () => {
    const [first, ...others] = await parked('View', 'sold/orders');
    assert.deepEqual([first?.key, first?.events, first?.cause?.name, others.length], ['boom', 3, 'RangeError', 0]);
    assert.equal(
      await command(['give-up', 'view/sold/orders', '--all', '--whole-key']),
      'view/sold/orders: 3 given up\n',
    );
    await eventually(async () => (await letters('kind=View&name=sold')).length === 3, 'the View sets them aside');
    assert.deepEqual((await letters('kind=View&name=sold'))[0], ['boom', 'abandoned']);
  });
});
