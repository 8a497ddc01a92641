// Two platforms over one log and one Redis: whichever is asked answers as if it were the only one,
// at once, and a little later where every hint is lost.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Platform } from '../../../server/platform.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import { startTwoPlatforms, type TwoPlatforms } from './two-platforms.ts';

const appOf = (origin: string, more = '') => `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: work }
spec: { url: '${origin}' }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: imports }
spec: { to: { function: work } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 4, key: "\${event.data.id}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: audit }
spec: { topic: orders, to: { function: work } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: orders }
spec:
  from: [orders]
  ${more}
  table: { key: "\${event.data.id}" }
  query: { cache: { ttl: 1h } }
---
apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: shares }
spec:
  "on": { http: {} }
  split: "\${event.data.items}"
  worker: { function: work }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { path: /menu }, to: { function: work }, cache: { ttl: 1h } }
    - { match: { method: POST, path: /imports }, to: { queue: imports } }
    - { match: { method: POST, path: /shares }, to: { fanOut: shares } }
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: GET, path: /orders }, to: { view: orders } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: old }
spec:
  basePath: /old
  legacy: { url: '${origin}/legacy' }
  features:
    - { name: carts, match: { path: '/carts/*' }, to: { function: work }, phase: legacy }
`;

const service = findService(redis);

if (service)
  describe('two platforms over what they share', () => {
    let upstream: Awaited<ReturnType<typeof startUpstream>>;
    let both: TwoPlatforms;
    let workMs = 0;
    const work = (request: IncomingMessage, response: ServerResponse) => {
      request.resume().on('end', () => {
        const body = JSON.stringify({ at: request.url, n: upstream.seen.length });
        setTimeout(() => response.setHeader('content-type', 'application/json').end(body), workMs);
      });
    };

    before(async () => {
      upstream = await startUpstream(work);
      both = await startTwoPlatforms(service.url(), appOf(upstream.origin));
      assert.deepEqual([both.one.view.catalog.problems, both.two.view.catalog.problems], [[], []]);
    });
    after(async () => {
      await both.close();
      await upstream.close();
    });
    beforeEach(() => {
      workMs = 0;
      both.deafen(false);
    });

    const json = { 'content-type': 'application/json' };
    const at = (platform: Platform, path: string, init: RequestInit = {}) =>
      fetch(platform.addresses.public + path, init);
    const post = (platform: Platform, path: string, data: object, headers: Record<string, string> = {}) =>
      at(platform, path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(data) });
    const timed = async <T>(work: () => Promise<T>) => {
      const began = performance.now();
      return { value: await work(), ms: performance.now() - began };
    };

    for (const path of ['/imports', '/shares']) {
      const data = { items: [1, 2, 3] };

      it(`answer who waits for a job at ${path}, wherever it is worked`, async () => {
        workMs = 300;
        // Jobs spread over the partitions, so some are worked by the other one.
        const all = Array.from({ length: 12 }, (_, index) =>
          timed(() => post(index % 2 ? both.one : both.two, path, data, { prefer: 'wait=20' })),
        );
        const answers = await Promise.all(all);
        assert.deepEqual(
          answers.map(({ value }) => value.status),
          answers.map(() => 200),
        );
      });

      it(`answer a long poll, and stream, for a job at ${path} of the other one`, async () => {
        workMs = 400;
        const accepted = await post(both.one, path, data);
        const { location } = (await accepted.json()) as { location: string };
        const poll = timed(() => at(both.two, `${location}?wait=20`));
        const stream = timed(async () =>
          (await at(both.two, location, { headers: { accept: 'text/event-stream' } })).text(),
        );
        const polled = (await (await poll).value.json()) as { state: string };
        assert.equal(polled.state, 'succeeded');
        assert.match((await stream).value, /event: succeeded/);
      });
    }

    it('forget at both what is purged at one', async () => {
      const menu = async (platform: Platform) => ((await (await at(platform, '/menu')).json()) as { n: number }).n;
      const before = [await menu(both.one), await menu(both.two)];
      assert.deepEqual([await menu(both.one), await menu(both.two)], before);
      await both.one.view.policies.purge({ path: '/menu' });
      await eventually(async () => (await menu(both.two)) !== before[1], 'the other one has forgotten it');
      assert.notEqual(await menu(both.one), before[0]);
      both.deafen(true);
      const again = await menu(both.one);
      await both.two.view.policies.purge({ api: 'shop' });
      await eventually(async () => (await menu(both.one)) !== again, 'also when no hint arrives');
    });

    it('drop kept answers of a View when the other one has folded what changes them', async () => {
      const ask = async (platform: Platform, query: string) => (await at(platform, `/orders?${query}`)).text();
      for (let round = 1; round <= 4; round++) {
        const position = (await post(both.one, '/orders', { id: 'a', n: round })).headers.get('tenfold-position');
        await ask(both.one, `key=a&after=${position}`);
        for (const platform of [both.one, both.two]) {
          await eventually(
            async () => (await ask(platform, 'key=a')) === `{"id":"a","n":${round}}`,
            'it is asked anew',
          );
        }
      }
    });

    it('pause and let go on at both what is paused at one, and after a restart', async () => {
      const consumer = { kind: 'Subscription', namespace: 'default', name: 'audit' } as const;
      const isPaused = async (platform: Platform) =>
        (await platform.view.events.consumers()).find(({ name }) => name === 'audit')?.state === 'paused';
      await both.one.view.events.pause(consumer);
      for (const platform of [both.one, both.two]) await eventually(() => isPaused(platform), 'it is paused');
      await both.restart();
      await eventually(() => isPaused(both.two), 'it still is');
      await both.two.view.events.resume(consumer);
      for (const platform of [both.one, both.two]) {
        await eventually(async () => !(await isPaused(platform)), 'it goes on');
      }
    });

    it('send requests of a feature to the same side', async () => {
      const side = async (platform: Platform) =>
        ((await (await at(platform, '/old/carts/1')).json()) as { at: string }).at;
      assert.deepEqual([await side(both.one), await side(both.two)], ['/legacy/old/carts/1', '/legacy/old/carts/1']);
      const live = { action: 'set', phase: 'live', reason: 'all in', force: false } as const;
      await both.two.view.stranglers.move('default', 'old', 'carts', live);
      await eventually(async () => !(await side(both.one)).startsWith('/legacy'), 'the new side answers');
      assert.equal((await side(both.two)).startsWith('/legacy'), false);
      await both.restart();
      assert.equal((await side(both.two)).startsWith('/legacy'), false);
    });

    it('build the newer of two versions of a View while both run, and the older one when the newer has gone', async () => {
      const building = async (platform: Platform) => {
        const [view] = await platform.view.events.views();
        return { generation: view?.building?.generation ?? view?.generation, isBuilt: view?.building === undefined };
      };
      const rows = async () => (await at(both.one, '/orders?key=b')).status;
      const before = await building(both.one);
      await both.restart(appOf(upstream.origin, 'filter: \'${event.data.id != "b"}\''));
      await eventually(async () => (await building(both.one)).generation !== before.generation, 'it is built');
      const newer = await building(both.two);
      await eventually(async () => (await building(both.one)).isBuilt, 'it serves');
      const position = (await post(both.one, '/orders', { id: 'b', n: 1 })).headers.get('tenfold-position');
      await at(both.one, `/orders?key=a&after=${position}`);
      // The one that wants the older version has looked several times by then.
      await new Promise(resolve => setTimeout(resolve, 2_000));
      assert.deepEqual([(await building(both.one)).generation, await rows()], [newer.generation, 404]);
      await both.restart();
      await eventually(async () => (await rows()) === 200, 'the way back is taken');
    });

    it('run a replay that was begun at one at both, and end it at both', async () => {
      const replay = await both.one.view.events.replay({
        namespace: 'default',
        subscription: 'audit',
        from: 'earliest',
      });
      const has = async (platform: Platform) =>
        (await platform.view.events.consumers()).some(({ name }) => name === replay.name);
      await eventually(() => has(both.two), 'the other one runs it');
      await both.two.view.events.endReplay(replay);
      await eventually(async () => !(await has(both.one)), 'it is ended');
    });
  });
