// The durations of a function's calls: by who called, and how each call ended.
import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import type { CallerKind } from '../../../core/caller-kind.ts';
import { childContext } from '../../../core/trace-context.ts';
import { realWorld } from '../../../core/world.ts';
import { registerPolicyMetrics } from '../../../gateway/policy-metrics.ts';
import { callTarget } from '../../../gateway/upstream/buffered-call.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { path: /* }, to: { function: orders }, timeout: 10s }
    - { match: { path: /soon/hangs }, to: { function: orders }, timeout: 60ms }
    - { match: { path: /first/hangs }, to: { function: orders }, timeouts: { firstByte: 60ms } }
    - { match: { path: /again/hangs }, to: { function: orders }, retry: { attempts: 2, attemptTimeout: 60ms, initial: 1ms, "on": [timeout] } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { source: ./orders.ts, limits: { concurrency: 2, waiting: 1, maxWait: 100ms } }
`;

describe('the durations of calls', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  beforeEach(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      const { url = '' } = request;
      if (url.endsWith('/hangs')) return;
      if (url.endsWith('/cut')) request.socket.destroy();
      else {
        response.statusCode = Number(/(\d{3})$/.exec(url)?.[1] ?? 200);
        response.end('hello');
      }
    });
    listener = await serveYaml(yaml, { functions: { orders: upstream.origin } });
  });
  afterEach(async () => {
    await listener.close();
    await upstream.close();
  });

  const samples = async (metric: string) => {
    const registry = new Registry();
    registerPolicyMetrics(registry, () => listener.instruments);
    const lines = (await registry.metrics()).split('\n').filter(line => line.startsWith(`${metric}_count`));
    return lines.map(line => line.replace(/^.*function="orders",/, '').replace('}', ''));
  };
  const counted = (expected: readonly string[], metric = 'tenfold_function_call_duration_seconds') =>
    eventually(
      async () => {
        const found = await samples(metric);
        return found.length > 0 && found.sort().join('\n') === [...expected].sort().join('\n');
      },
      `${metric} says ${expected.join(' and ')}`,
    );
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(listener.address + path, init).then(
      answer => answer.text(),
      () => undefined,
    );

  const rows: readonly [path: string, outcome: string, count: number][] = [
    ['/200', 'ok', 1],
    ['/302', 'ok', 1],
    ['/404', 'problem', 1],
    ['/500', 'failed', 1],
    ['/504', 'timeout', 1],
    ['/cut', 'failed', 1],
    ['/soon/hangs', 'timeout', 1],
    ['/first/hangs', 'timeout', 1],
    ['/again/hangs', 'timeout', 2],
  ];
  for (const [path, outcome, count] of rows) {
    it(`${path} is ${outcome}`, async () => {
      await ask(path, { redirect: 'manual' });
      await counted([`caller="gateway",outcome="${outcome}" ${count}`]);
    });
  }

  it('a call whose client left is cancelled', async () => {
    const leave = new AbortController();
    const asked = ask('/long/hangs', { signal: leave.signal });
    await eventually(() => upstream.seen.length === 1, 'the function is called');
    leave.abort();
    await asked;
    await counted(['caller="gateway",outcome="cancelled" 1']);
  });

  it('a call that a limit refused is refused, and its wait counts', async () => {
    const leave = new AbortController();
    const taken = [1, 2].map(() => ask('/long/hangs', { signal: leave.signal }));
    await eventually(() => upstream.seen.length === 2, 'both places are taken');
    await ask('/200');
    await counted(['result="refused" 1'], 'tenfold_limits_wait_seconds');
    leave.abort();
    await Promise.all(taken);
    await counted(['caller="gateway",outcome="cancelled" 2', 'caller="gateway",outcome="refused" 1']);
  });

  it('a call that got its turn has waited, and one that left meanwhile, too', async () => {
    const first = new AbortController();
    const second = new AbortController();
    const taken = [ask('/long/hangs', { signal: first.signal }), ask('/long/hangs', { signal: second.signal })];
    await eventually(() => upstream.seen.length === 2, 'both places are taken');
    const served = ask('/200');
    await eventually(() => limits().waiting === 1, 'it waits');
    first.abort();
    await served;
    await counted(['result="served" 1'], 'tenfold_limits_wait_seconds');
    const again = ask('/long/hangs', { signal: second.signal });
    await eventually(() => upstream.seen.length === 4, 'both places are taken again');
    const leaves = new AbortController();
    const left = ask('/200', { signal: leaves.signal });
    await eventually(() => limits().waiting === 1, 'it waits');
    leaves.abort();
    await counted(['result="left" 1', 'result="served" 1'], 'tenfold_limits_wait_seconds');
    second.abort();
    await Promise.all([...taken, again, left]);
  });

  const limits = () => {
    const [found] = listener.instruments.limits.values();
    assert.ok(found);
    return found.value.view;
  };

  for (const by of ['subscription', 'queue', 'view', 'pipeline', 'fan-out', 'function'] satisfies CallerKind[]) {
    it(`tells calls of a ${by} apart`, async () => {
      const target = listener.functionTarget('default', 'orders');
      assert.ok(target);
      const call = { method: 'POST', path: '/200', headers: [], body: null, trace: childContext(undefined) };
      await callTarget(realWorld, target, { ...call, timeoutMs: 10_000, maxBody: 1000, by });
      await counted([`caller="${by}",outcome="ok" 1`]);
    });
  }

  it('has whole buckets, up to all calls', async () => {
    for (let count = 0; count < 3; count++) await ask('/200');
    await counted(['caller="gateway",outcome="ok" 3']);
    const registry = new Registry();
    registerPolicyMetrics(registry, () => listener.instruments);
    const lines = (await registry.metrics()).split('\n').filter(line => line.startsWith('tenfold_function_call_'));
    const buckets = lines.filter(line => line.includes('_bucket')).map(line => Number(line.split(' ').at(-1)));
    assert.equal(buckets.length, 15);
    assert.equal(buckets.at(-1), 3);
    assert.ok(buckets.every((count, index) => index === 0 || count >= (buckets[index - 1] ?? 0)));
    const sum = Number(
      lines
        .find(line => line.includes('_sum'))
        ?.split(' ')
        .at(-1),
    );
    assert.ok(sum > 0 && sum < 60);
  });

  it('survives a change of the plan', async () => {
    await ask('/200');
    await counted(['caller="gateway",outcome="ok" 1']);
    listener.swap(yaml.replace('waiting: 1', 'waiting: 2'));
    await ask('/200');
    await counted(['caller="gateway",outcome="ok" 2']);
  });
});
