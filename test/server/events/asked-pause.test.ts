// A function that asks for a pause gets no call of any consumer meanwhile, whoever was told so, and
// no event loses an attempt by it.
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import type { PolicyReport } from '../../../admin/policy-view.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const RETRY = 'retry: { attempts: 1, initial: 100ms, max: 1s }';
const appOf = (url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: work }
spec: { url: '${url}' }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: clicks }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: event }
spec: { topic: orders, to: { function: work }, from: earliest, ${RETRY} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: job }
spec: { to: { function: work }, ${RETRY} }
---
apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: items }
spec: { "on": { http: {} }, split: "\${event.data.items}", worker: { function: work, ${RETRY} } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: pipeline }
spec:
  from: { topic: clicks, start: earliest }
  steps: [ { map: "\${event.data}" } ]
  to: [ { function: work } ]
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /event }, to: { topic: orders } }
    - { match: { method: POST, path: /job }, to: { queue: job } }
    - { match: { method: POST, path: /items }, to: { fanOut: items } }
    - { match: { method: POST, path: /pipeline }, to: { topic: clicks } }
    - { match: { method: GET, path: /work }, to: { function: work } }
`;

const WAYS = ['event', 'job', 'items', 'pipeline'] as const;
type Way = (typeof WAYS)[number] | 'request';
const PAUSE_MS = 2000;

interface Received {
  readonly way: Way;
  readonly at: number;
  readonly attempt: string | undefined;
}

describe('a function that asks for a pause', () => {
  let platform: Platform;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  const received: Received[] = [];
  /** The status of the next answer. */
  let asks: number | undefined;
  let pauseMs = PAUSE_MS;
  /** When the event came that is never taken. */
  const poisoned: number[] = [];
  let askedAt = 0;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume().on('end', () => {
        if (request.headers['ce-type'] === 'poison') {
          poisoned.push(performance.now());
          response.writeHead(503, { 'retry-after': '1' }).end();
          return;
        }
        const attempt = request.headers['tenfold-attempt'];
        received.push({ way: wayOf(request.headers), at: performance.now(), attempt: attempt?.toString() });
        if (asks === undefined) {
          response.writeHead(204).end();
          return;
        }
        askedAt = performance.now();
        response.writeHead(asks, { 'retry-after': String(pauseMs / 1000) }).end();
        asks = undefined;
      });
    });
    const ports = { public: 0, internal: 0, admin: 0 };
    const directory = tempFolder({ 'app.yaml': appOf(upstream.origin) });
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    for (const way of WAYS) await send(way);
    await all([...WAYS]);
  });
  after(async () => {
    await platform.close(1000);
    await upstream.close();
    removeTempFolders();
  });
  beforeEach(() => received.splice(0));

  const send = async (way: (typeof WAYS)[number]) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ way, items: [{ way }] });
    const answer = await fetch(`${platform.addresses.public}/${way}`, { method: 'POST', headers, body });
    assert.ok(answer.ok, `${way}: ${answer.status} ${await answer.text()}`);
  };
  const all = (ways: readonly Way[]) =>
    eventually(
      () =>
        received
          .map(({ way }) => way)
          .toSorted()
          .join() === ways.toSorted().join(),
      'all are called, once each, and the one that was asked to wait once more',
    );

  for (const status of [503, 429])
    for (const told of WAYS)
      it(`is called by nobody meanwhile, when it answers ${status} to the ${told}`, async () => {
        asks = status;
        await send(told);
        await all([told]);
        await eventually(
          async () => (await pausedMs()) > 0 || performance.now() - askedAt > PAUSE_MS,
          'the platform has read that',
        );
        for (const way of WAYS) if (way !== told) await send(way);
        const request = await fetch(`${platform.addresses.public}/work`);
        assert.equal(request.status, 204);
        await all([told, 'request', ...WAYS]);
        for (const { way, at } of received.slice(1))
          assert.ok(at - askedAt >= PAUSE_MS, `${way} was called after ${at - askedAt} ms`);
        assert.deepEqual(
          received.filter(({ way, attempt }) => way !== 'request' && attempt !== '1'),
          [],
        );
      });

  it('is called by all, when it answers 429 to a client', async () => {
    asks = 429;
    assert.equal((await fetch(`${platform.addresses.public}/work`)).status, 429);
    for (const way of WAYS) await send(way);
    await all(['request', ...WAYS]);
    assert.equal(await pausedMs(), 0);
  });

  it('is called by the others, once it is one event that asks again and again while they are answered', async () => {
    const answer = await fetch(`${platform.addresses.public}/event`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', 'ce-specversion': '1.0' },
        ...{ 'ce-id': 'p', 'ce-source': '/event', 'ce-type': 'poison' },
      },
      body: '{}',
    });
    assert.ok(answer.ok, await answer.text());
    await eventually(async () => {
      await send('event');
      // One after the other, so that a pause would leave one of them in flight when it begins.
      const from = received.length;
      for (let count = 0; count < 5; count++) await fetch(`${platform.addresses.public}/work`);
      const requests = received.slice(from).filter(({ way }) => way === 'request');
      return poisoned.some(asked => requests.filter(({ at }) => at > asked && at < asked + 1000).length >= 3);
    }, 'requests are answered right after it asked');
    assert.ok(poisoned.length > 3, `it was tried ${poisoned.length} times`);
  });

  it('says so in the admin API and in metrics', async () => {
    asks = 503;
    pauseMs = 86_400_000;
    assert.equal((await fetch(`${platform.addresses.public}/work`)).status, 503);
    assert.ok((await pausedMs()) > 0);
    const metrics = await (await fetch(`${platform.addresses.admin}/metrics`)).text();
    assert.match(metrics, /^tenfold_limits_paused_seconds\{[^}]*name="work"[^}]*\} (?!0$)/m);
  });

  async function pausedMs(): Promise<number> {
    const headers = { authorization: `Bearer ${platform.adminToken}` };
    const answer = await fetch(`${platform.addresses.admin}/api/policies`, { headers });
    const report = (await answer.json()) as PolicyReport;
    return report.limits.find(({ name }) => name === 'work')?.pausedForMs ?? assert.fail('There is no such Function.');
  }
});

function wayOf(headers: IncomingHttpHeaders): Way {
  const source = String(headers['ce-source'] ?? '');
  if (headers['ce-id'] === undefined) return 'request';
  return WAYS.find(way => source.includes(way)) ?? 'event';
}
