// One budget per function: its limits hold over everybody who leads to it, whichever listener and
// resource the call comes through.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realWorld } from '../../../core/world.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { createInternalHandler } from '../../../gateway/listeners/internal-listener.ts';
import { type ListenerServer, openListener } from '../../../gateway/listeners/listener-server.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (limits: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { source: ./orders.ts, limits: ${limits} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: both }
spec:
  parts:
    one: { to: { function: orders } }
    two: { to: { function: orders } }
  response: { body: { one: "\${one.status}", two: "\${two.status}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  graphql: { schema: ./shop.graphql, resolvers: { Query.order: { to: { function: orders } } } }
  routes:
    - { match: { path: /route }, to: { function: orders } }
    - { match: { path: /retried }, to: { function: orders }, retry: { attempts: 2 } }
    - { match: { path: /split }, to: [ { function: orders, weight: 1 } ] }
    - { match: { path: /both }, to: { aggregate: both } }
    - { match: { path: /shared }, to: [ { function: orders, weight: 1 }, { function: other, weight: 1 } ] }
    - { match: { path: /failover }, to: { function: orders }, failover: { function: other } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: other }
spec: { source: ./other.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: old }
spec:
  basePath: /old
  legacy: { url: "http://legacy.invalid" }
  features: [ { name: orders, match: { path: /orders }, to: { function: orders }, phase: live } ]
`;

describe('limits of a function: one budget', () => {
  const keys = createCallerKeys('a secret');
  let folder: string;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let other: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>>;
  let internal: ListenerServer;
  let inFlight = 0;
  let most = 0;
  const starts: number[] = [];
  /** What the next call is answered with. */
  let asks: { readonly status: number; readonly retryAfter: string } | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold.budget-'));
    await writeFile(join(folder, 'shop.graphql'), 'type Query { order: Order }\ntype Order { id: ID }\n');
    upstream = await startUpstream((_, response) => {
      starts.push(performance.now());
      most = Math.max(most, ++inFlight);
      if (asks) {
        inFlight--;
        response.writeHead(asks.status, { 'retry-after': asks.retryAfter }).end();
        asks = undefined;
        return;
      }
      setTimeout(() => {
        inFlight--;
        response.setHeader('content-type', 'application/json');
        response.end('{"id":"1"}');
      }, 10);
    });
    other = await startUpstream((_, response) => response.end('other'));
    served = await serveYaml(yaml('{ concurrency: 3 }'), {
      functions: { orders: upstream.origin, other: other.origin },
      file: join(folder, 'app.yaml'),
    });
    internal = await openListener({
      world: realWorld,
      host: '127.0.0.1',
      port: 0,
      maxConnections: 100,
      handle: createInternalHandler({
        world: realWorld,
        callers: keys,
        targetOf: served.functionTarget,
        timeoutOf: () => 5000,
        answered() {},
      }),
    });
  });
  after(async () => {
    await internal.close(0);
    await served.close();
    await upstream.close();
    await other.close();
    await rm(folder, { recursive: true });
  });

  /** One call through each way that leads to the function: seven ways, eight calls. */
  const everyWay = () => {
    const graphql = `${served.address}/graphql?query=${encodeURIComponent('{ order { id } }')}`;
    return [
      ...['/route', '/retried', '/split', '/both', '/old/orders'].map(path => fetch(served.address + path)),
      fetch(graphql, { headers: { accept: 'application/graphql-response+json' } }),
      fetch(`${internal.address}/functions/orders`, { headers: { 'tenfold-key': keys.keyFor('default') } }),
    ];
  };
  const answersOf = async (rounds: number) => {
    const answers = await Promise.all(Array.from({ length: rounds }, everyWay).flat());
    return Promise.all(answers.map(async answer => [answer.status, await answer.text()] as const));
  };

  it('concurrency holds over routes, splits, retries, aggregates, GraphQL, facades and the internal listener together', async () => {
    const answers = await answersOf(6);
    assert.deepEqual(
      answers.filter(([status]) => status !== 200),
      [],
    );
    assert.ok(answers.every(([, text]) => !text.includes('errors')));
    assert.equal(starts.length, 6 * 8);
    assert.equal(most, 3);
  });

  it('a rate holds over them, too', async () => {
    served.swap(yaml('{ rate: 20/s }'));
    starts.splice(0);
    const answers = await answersOf(3);
    assert.ok(answers.every(([status]) => status === 200));
    assert.equal(starts.length, 24);
    for (const [index, start] of starts.entries()) {
      const later = starts[index + 20];
      // Without the limit all start at once. A busy machine delays the one more than the other
      // between decision and target.
      if (later !== undefined) assert.ok(later - start > 500, `21 calls within ${later - start} ms`);
    }
  });

  for (const limits of ['concurrency: 3', 'rate: 1000/s', '']) {
    describe(`a Retry-After of a function with { ${limits} }`, () => {
      // Each begins without what others have asked for: another plan keeps nothing of
      // a Function that went away.
      beforeEach(() => {
        served.swap(yaml('{}').replaceAll('orders', 'orders-of-before'));
        served.swap(yaml(`{ ${[limits, 'maxWait: 10s'].filter(Boolean).join(', ')} }`));
        starts.splice(0);
      });

      it('holds back all of them for that long, and then they are answered', async () => {
        asks = { status: 503, retryAfter: '1' };
        const asked = performance.now();
        assert.equal((await fetch(`${served.address}/route`)).status, 503);
        const answers = await answersOf(1);
        assert.ok(
          answers.every(([status, text]) => status === 200 && !text.includes('errors')),
          JSON.stringify(answers),
        );
        assert.equal(starts.length, 1 + 8);
        for (const start of starts.slice(1)) assert.ok(start - asked >= 1000, `called after ${start - asked} ms`);
      });

      it('refuses who cannot wait so long, for a minute however long it says, and a split goes elsewhere', async () => {
        asks = { status: 503, retryAfter: '999999999' };
        assert.equal((await fetch(`${served.address}/route`)).status, 503);
        const answers = await answersOf(1);
        assert.deepEqual(
          answers.filter(([status, text]) => status === 200 && text === '{"id":"1"}'),
          [],
        );
        const refused = await fetch(`${served.address}/route`);
        assert.equal(refused.status, 503);
        const left = Number(refused.headers.get('retry-after'));
        assert.ok(left > 0 && left <= 60, `Retry-After: ${left}`);
        assert.match(await refused.text(), /as its Retry-After asked for that/);
        for (const path of ['/shared', '/shared', '/shared', '/failover'])
          assert.equal(await (await fetch(served.address + path)).text(), 'other');
        assert.equal(starts.length, 1);
      });

      it('survives a change of resources', async () => {
        asks = { status: 503, retryAfter: '999999999' };
        assert.equal((await fetch(`${served.address}/route`)).status, 503);
        for (const changed of ['{}', '{ concurrency: 7 }']) {
          served.swap(yaml(changed));
          assert.equal((await fetch(`${served.address}/route`)).status, 503);
        }
        assert.equal(starts.length, 1);
      });

      it('holds back nobody with 429, as that may be about one client', async () => {
        asks = { status: 429, retryAfter: '60' };
        const told = await fetch(`${served.address}/route`);
        assert.deepEqual([told.status, told.headers.get('retry-after')], [429, '60']);
        const answers = await answersOf(1);
        assert.ok(answers.every(([status]) => status === 200));
        assert.equal(starts.length, 1 + 8);
      });
    });
  }
});
