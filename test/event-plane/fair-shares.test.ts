// A small job beside a large one, and one tenant's jobs beside a thousand of another: each has its
// turn, as counted in calls.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { startHttpWorker } from './http-worker.ts';
import { overEachLog } from './logs.ts';
import { runEventPlane } from './run-event-plane.ts';

const KEY = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
const LARGE = 2_000;
const SMALL = 4;
const CONCURRENCY = 8;
const PARTITIONS = 6;

const yamlOf = (url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: reports }
spec: { split: "\${event.data}", worker: { url: "${url}/item", concurrency: ${CONCURRENCY} }, partitions: ${PARTITIONS} }
---
apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: packets }
spec:
  split: "\${event.data}"
  worker: { url: "${url}/packet", concurrency: 2, batch: { size: 20 } }
  partitions: ${PARTITIONS}
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: imports }
spec: { to: { url: "${url}/job" }, concurrency: ${CONCURRENCY}, partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: exports }
spec: { to: { url: "${url}/job" }, concurrency: ${CONCURRENCY}, partitions: 1, order: key, key: "\${event.id}", share: { by: "\${event.data}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: orders }
spec: { to: { url: "${url}/order" }, concurrency: ${CONCURRENCY}, partitions: 1, callbacks: { secret: hooks } }
`;

overEachLog('shares of what works', log => {
  let folder: string;
  let worker: Awaited<ReturnType<typeof startHttpWorker>>;
  let running: Awaited<ReturnType<typeof runEventPlane>>;
  /** What was worked, in order. */
  const worked: string[] = [];
  let open = () => {};
  /** Nothing is answered before it has resolved, so that all is there when it begins. */
  let opened: Promise<void>;
  const shut = () => {
    worked.length = 0;
    opened = new Promise(resolve => {
      open = resolve;
    });
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-shares-'));
    worker = await startHttpWorker(async ({ request, body }, response) => {
      if (!request.url?.startsWith('/order')) await opened;
      const one = JSON.parse(body) as unknown;
      for (const each of Array.isArray(one) ? one : [{ data: one }]) worked.push(String(each.data));
      response.writeHead(204).end();
    });
    running = await runEventPlane({ log, yaml: yamlOf(worker.url), folder, secrets: { key: KEY } });
  });
  after(async () => {
    open();
    await running.close();
    await worker.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(shut);

  const begin = async (name: string, what: string, count: number) => {
    const items = Array.from({ length: count }, () => what);
    const answer = await running.post(`/fan-outs/${name}`, JSON.stringify(items));
    assert.equal(answer.status, 202);
    const { location } = (await answer.json()) as { location: string };
    return async () => ((await (await running.ask(location)).json()) as { items: { total: number } }).items.total;
  };
  /** How many of the others were worked before the last of these. */
  const ahead = (what: string) => worked.slice(0, worked.lastIndexOf(what)).filter(each => each !== what).length;
  /** Who has a turn is chosen among what has been read. */
  const allRead = (topic: string) => eventually(() => running.hasRead(topic), `all of ${topic} is read`);
  const count = (what: string) => worked.filter(each => each === what).length;

  for (const [name, most] of [
    ['reports', SMALL * PARTITIONS * 2 + 2 * CONCURRENCY],
    // A batch is made of what both have.
    ['packets', SMALL * PARTITIONS * 2 + 4 * 20],
  ] as const)
    it(`go to a job of ${SMALL} items beside one of ${LARGE} at once: ${name}`, async () => {
      const large = await begin(name, 'large', LARGE);
      await eventually(async () => (await large()) === LARGE, 'the large job is divided', 120_000);
      const small = await begin(name, 'small', SMALL);
      await eventually(async () => (await small()) === SMALL, 'the small job is divided', 120_000);
      await allRead(`fan-out.default.${name}.items`);
      open();
      await eventually(() => count('small') === SMALL && count('large') === LARGE, 'all is worked', 120_000);
      assert.ok(ahead('small') <= most, `${ahead('small')} items of the large job came first`);
    });

  for (const [what, queue, many, headersOf] of [
    [
      'key of a queue without order',
      'imports',
      400,
      (key: string) => ({
        'ce-specversion': '1.0',
        'ce-id': `${key}-${Math.random()}`,
        'ce-source': '/x',
        'ce-type': 'T',
        'ce-partitionkey': key,
      }),
    ],
    ['share of a queue, whose keys are others', 'exports', 1_000, () => ({})],
  ] as const)
    it(`go to each ${what}, however many jobs one has`, async () => {
      const post = (key: string) => running.post(`/queues/${queue}`, JSON.stringify(key), headersOf(key));
      for (let sent = 0; sent < many; sent += 50) {
        const answers = await Promise.all(Array.from({ length: 50 }, () => post('greedy')));
        for (const { status } of answers) assert.equal(status, 202);
      }
      for (let sent = 0; sent < 5; sent++) assert.equal((await post('quiet')).status, 202);
      await allRead(`queue.default.${queue}`);
      open();
      await eventually(() => count('quiet') === 5 && count('greedy') === many, 'all is worked', 120_000);
      assert.ok(ahead('quiet') <= 100, `${ahead('quiet')} jobs of the greedy one came first`);
    });

  it('go to each receiver of callbacks, however many one has that answers late', async () => {
    // Whose callbacks, in the order of their first attempts. One that waits for longer than its
    // attempt may take is made again.
    const heard = new Map<string, string>();
    const receiver = (name: string) =>
      startHttpWorker(async ({ request }, response) => {
        const id = String(request.headers['webhook-id']);
        if (!heard.has(id)) heard.set(id, name);
        await opened;
        response.writeHead(204).end();
      });
    const greedy = await receiver('greedy');
    const quiet = await receiver('quiet');
    try {
      const owed = async () =>
        ((await running.log.bounds('callbacks.default.orders')) ?? []).reduce((sum, { end }) => sum + end, 0);
      const before = await owed();
      const post = (url: string) => running.post('/queues/orders', '{}', { 'x-callback-url': url });
      for (let sent = 0; sent < 400; sent += 50)
        for (const { status } of await Promise.all(Array.from({ length: 50 }, () => post(greedy.url))))
          assert.equal(status, 202);
      for (let sent = 0; sent < 5; sent++) assert.equal((await post(quiet.url)).status, 202);
      // More, where a job whose success was not acknowledged in time is worked again.
      let since = 0;
      const allOwed = async () => {
        since = (await owed()) - before;
        return since >= 405;
      };
      await eventually(allOwed, () => `all 405 callbacks are owed, and ${since} are`);
      await allRead('callbacks.default.orders');
      open();
      await eventually(
        () => heard.size >= 405,
        () => `all 405 are called back, and ${heard.size} are`,
      );
      const names = [...heard.values()];
      const first = names.slice(0, names.lastIndexOf('quiet')).filter(each => each === 'greedy').length;
      assert.ok(first <= 100, `${first} callbacks of the greedy receiver came first`);
    } finally {
      open();
      await greedy.close();
      await quiet.close();
    }
  });
});
