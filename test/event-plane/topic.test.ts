// A topic as its users meet it: published at the endpoint, delivered to who subscribed, large data
// fetched, and 503 while the disk is gone.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeEvents } from '../../core/cloudevents/decode.ts';
import { sweep } from '../../worker/jobs/sweep-blobs.ts';
import { eventually } from '../eventually.ts';
import { startHttpWorker } from './http-worker.ts';
import { overEachLog } from './logs.ts';
import { runEventPlane } from './run-event-plane.ts';

const head = 'apiVersion: tenfold.dev/v1alpha1\nkind:';
const yamlOf = (url: string) => `${head} Topic
metadata: { name: orders }
spec: { maxSize: 4Ki, claimCheck: {}, key: "\${event.subject}", partitions: 2 }
---
${head} Topic
metadata: { name: replies }
spec: {}
---
${head} Subscription
metadata: { name: wall }
spec: { topic: orders, to: { url: "${url}/wall" }, reply: { topic: replies }, idempotency: {} }
---
${head} Subscription
metadata: { name: bulk }
spec: { topic: orders, to: { url: "${url}/bulk" }, batch: { size: 10, wait: 20ms } }
`;

overEachLog('topic, from the endpoint to its subscribers', log => {
  let folder: string;
  let worker: Awaited<ReturnType<typeof startHttpWorker>>;
  let running: Awaited<ReturnType<typeof runEventPlane>>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-topic-'));
    worker = await startHttpWorker(({ request }, response) => {
      if (request.url === '/wall/') {
        response.writeHead(200, { 'ce-specversion': '1.0', 'ce-id': 'x', 'ce-source': '/wall', 'ce-type': 'Shown' });
      } else response.writeHead(204);
      response.end();
    });
    running = await runEventPlane({ log, yaml: yamlOf(worker.url), folder });
  });
  after(async () => {
    await running.close();
    await worker.close();
    rmSync(folder, { recursive: true });
  });
  const seenAt = (path: string) =>
    worker.seen
      .filter(({ request }) => request.url === path)
      .flatMap(({ request, body }) => decodeEvents(request.rawHeaders, Buffer.from(body)));
  const ce = (id: string, subject: string) => ({
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-source': '/shop',
    'ce-type': 'OrderCreated',
    'ce-subject': subject,
  });

  it('delivers each event once to every subscription, in the order of its key, and keeps replies', async () => {
    const statuses = [];
    for (let index = 0; index < 20; index++) {
      const answer = await running.post('/topics/orders', JSON.stringify({ index }), ce(`o-${index}`, `k${index % 3}`));
      statuses.push(answer.status);
    }
    assert.deepEqual(new Set(statuses), new Set([204]));
    for (const path of ['/wall/', '/bulk/']) {
      await eventually(() => seenAt(path).length >= 20, `all at ${path}`);
      for (const key of ['k0', 'k1', 'k2']) {
        const order = seenAt(path)
          .filter(({ subject }) => subject === key)
          .map(({ data }) => (data as { index: number }).index);
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
      }
    }
    await eventually(async () => {
      const bounds = (await running.log.bounds('default.replies')) ?? [];
      return bounds.reduce((sum, { end }) => sum + end, 0) === 20;
    }, 'all replies');
  });

  it('leaves out what was delivered already', async () => {
    const before = seenAt('/bulk/').length;
    await running.post('/topics/orders', '{"index":0}', ce('o-0', 'k0'));
    await eventually(() => seenAt('/bulk/').length === before + 1, 'it comes where nobody minds');
    assert.equal(seenAt('/wall/').filter(({ id }) => id === 'o-0').length, 1);
  });

  it('gives whoever receives it the address of large data', async () => {
    const large = JSON.stringify({ text: 'x'.repeat(300_000) });
    assert.equal((await running.post('/topics/orders', large, ce('large', 'k1'))).status, 204);
    await eventually(() => seenAt('/wall/').some(({ id }) => id === 'large'), 'it is delivered');
    const event = seenAt('/wall/').find(({ id }) => id === 'large');
    assert.equal(event?.data, undefined);
    const data = await running.ask(String(event?.['dataref']));
    assert.equal(data.headers.get('content-type'), 'application/json');
    assert.equal(await data.text(), large);
  });

  it('gives data no longer once its time has come', async () => {
    const event = seenAt('/wall/').find(({ id }) => id === 'large');
    const { blobs } = running;
    const inDays = (days: number) => ({
      list: blobs.list,
      delete: blobs.delete,
      now: async () => (await blobs.now()) + days * 86_400_000,
    });
    const signal = new AbortController().signal;
    // The topic keeps its events for a week, and those that were given up stay a while longer.
    assert.equal(await sweep(inDays(21), signal), 0);
    assert.equal(await sweep(inDays(23), signal), 1);
    assert.equal((await running.ask(String(event?.['dataref']))).status, 410);
  });

  it('takes nothing, with 503 and Retry-After, while there is no log', async () => {
    await running.log.close();
    for (const path of ['/topics/orders', '/topics/replies']) {
      const answer = await running.post(path, '{}', ce('late', 'k1'));
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('retry-after'), '1');
    }
  });
});
