// A gateway and a worker over one log and one Redis: the gateway's admin port knows of consumers
// that run in the worker, and moves them.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gather } from '../../../admin/gather.ts';
import { summariesOf } from '../../../admin/live/resource-summaries.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import { startTwoPlatforms, type TwoPlatforms } from './two-platforms.ts';

const appOf = (origin: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: work }
spec: { url: '${origin}' }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 2, key: "\${event.data.id}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: audit }
spec: { topic: orders, to: { function: work }, from: earliest }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: orders }
spec: { from: [orders], table: { key: "\${event.data.id}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: copies }
spec: { from: { topic: orders }, to: [{ view: orders }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: worked }
spec: { from: [orders], project: { function: work }, table: { key: "\${event.data.id}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: calls }
spec: { from: { topic: orders }, to: [{ function: work }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: parts }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: pack }
spec: { "on": { topic: orders }, split: "\${[1, 2]}", worker: { function: work } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }]
`;

const service = findService(redis);

if (service)
  describe('a gateway beside a worker', () => {
    let upstream: Awaited<ReturnType<typeof startUpstream>>;
    let both: TwoPlatforms;
    let status = 200;
    const work = (request: IncomingMessage, response: ServerResponse) => {
      request.resume().on('end', () => response.writeHead(status).end());
    };
    before(async () => {
      upstream = await startUpstream(work);
      both = await startTwoPlatforms(service.url(), appOf(upstream.origin), ['gateway', 'worker']);
      assert.deepEqual([both.one.view.catalog.problems, both.two.view.catalog.problems], [[], []]);
    });
    after(async () => {
      await both.close();
      await upstream.close();
    });

    const audit = { kind: 'Subscription', namespace: 'default', name: 'audit' } as const;
    const control = () => both.one.view.events;
    const report = async () => (await control().consumers()).find(({ name }) => name === 'audit') ?? assert.fail();
    const publish = async (id: string) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ id });
      const answer = await fetch(`${both.one.addresses.public}/orders`, { method: 'POST', headers, body });
      assert.equal(answer.status, 204);
    };

    it('tells how the consumers of the worker do', async () => {
      await publish('a');
      await eventually(async () => (await report()).delivered === 1, 'it is told');
      assert.partialDeepStrictEqual(await report(), { state: 'running', lag: 0, target: 'function work' });
    });

    it('tells how its Views, Pipelines and FanOuts do, and counts none of them in its own metrics', async () => {
      const told = async () => {
        const { views, pipelines, fanOuts } = control();
        const lists = await Promise.all([views(), pipelines(), fanOuts.reports()]);
        return {
          view: lists[0].find(({ name }) => name === 'orders'),
          pipeline: lists[1].find(({ name }) => name === 'copies'),
          fanOut: lists[2].find(({ name }) => name === 'pack'),
        };
      };
      await eventually(async () => {
        const { view, pipeline, fanOut } = await told();
        return (view?.folded ?? 0) > 0 && pipeline?.handled === 1 && fanOut?.ended['succeeded'] === 1;
      }, 'what the worker has done');
      const { view, pipeline, fanOut } = await told();
      assert.match(view?.generation ?? '', /^[0-9a-f]{12}$/);
      assert.partialDeepStrictEqual(view, { state: 'running', behind: 0 });
      assert.partialDeepStrictEqual(pipeline, { state: 'running', lag: 0, handled: 1 });
      assert.partialDeepStrictEqual(fanOut, { state: 'running', lastError: undefined });
      const gateway = both.one.view;
      const running = summariesOf(await gather(gateway), gateway).flatMap(({ kind, conditions }) =>
        conditions.some(({ type, status }) => type === 'Ready' && status === 'True') ? kind : [],
      );
      assert.deepEqual(
        ['View', 'Pipeline', 'FanOut'].filter(kind => !running.includes(kind)),
        [],
      );
      assert.match(await gateway.metrics(), /^tenfold_view_folded_total\{[^}]*\} 0$/m);
    });

    it('tells how long calls of the worker took', async () => {
      const { signal } = new AbortController();
      const told = new Set<string>();
      // An answer may come too late where the machine is busy.
      const ask = async () => {
        const { stories, topicEvents } = control();
        const { items } = await topicEvents.list('default', 'orders', { limit: 1 }, signal);
        const place = `${items[0]?.partition}-${items[0]?.offset}`;
        const { consumers, ledTo } = await stories.tell('default', 'orders', place, {}, signal);
        for (const { consumer, took } of consumers) if (typeof took === 'object') told.add(consumer.name);
        const job = ledTo.find(({ of }) => of.kind === 'FanOut')?.id;
        if (job === undefined) return;
        const story = await stories.tellJob({ kind: 'FanOut', namespace: 'default', name: 'pack' }, job, {}, signal);
        for (const { index } of story.items?.slowest ?? []) told.add(`item ${index}`);
      };
      const all = ['audit', 'calls/call0', 'item 0', 'item 1', 'pack/starts', 'worked'];
      await eventually(
        async () => {
          await ask();
          return all.every(name => told.has(name));
        },
        () => `the worker says it of ${[...told]} alone`,
      );
    });

    it('pauses them, and lets them go on', async () => {
      await control().pause(audit);
      await eventually(async () => (await report()).state === 'paused', 'it is paused');
      assert.equal((await report()).pausedByCommand, true);
      await control().resume(audit);
      await eventually(async () => (await report()).state === 'running', 'it goes on');
    });

    it('lists what they gave up, and has it delivered again', async () => {
      status = 400;
      await publish('b');
      await eventually(async () => (await report()).deadLetters === 1, 'it is given up');
      const { items } = await control().deadLetters({ consumer: audit, limit: 10 });
      assert.equal(items.length, 1);
      status = 200;
      const before = upstream.seen.length;
      const ids = items.map(({ id }) => id);
      await control().command({ action: 'redrive', consumer: audit, ids }, () => {}, new AbortController().signal);
      await eventually(() => upstream.seen.length > before, 'it is delivered again');
    });
  });
