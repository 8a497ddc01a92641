// Spans of a whole platform at a real collector: at 0.1% sampling each dead letter has its whole
// trace, and what went well has none.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAUSE_KEY_PATH } from '../../../core/wire.ts';
import { packageFile } from '../../../server/package-file.ts';
import { startPlatform } from '../../../server/platform.ts';
import { eventually } from '../../eventually.ts';
import { assertWhole, attributeOf, startCollector } from './collector.ts';
import { REGISTRY } from './conventions.ts';

const LETTERS = 300;
const APP = `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { path: /orders }
      to: { topic: orders }
    - match: { path: /hello }
      to: { function: hello }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 4 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: hello }
spec: { source: ./hello.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: bill }
spec: { source: ./bill.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: billing }
spec: { topic: orders, to: { function: bill }, from: earliest, concurrency: 8, retry: { attempts: 2, initial: 10ms, max: 20ms } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: totals }
spec: { from: [orders], table: { key: "\${event.id}" } }
`;
/** Nothing of it is in the way of the other tests. */
const STREAM = `---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: stream }
spec:
  basePath: /stream
  routes: [{ match: { path: / }, to: { topic: carts } }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: carts }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: paid }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: paying }
spec: { from: { topic: carts }, steps: [{ filter: "\${event.data.n == 1}" }], to: [{ topic: paid }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: packing }
spec: { "on": { topic: paid }, split: "\${event.data.items}", worker: { function: bill } }
`;
const HELLO = `import { http } from 'tenfold';
export default http((_request, context) => ({ span: context.trace.spanId, trace: context.trace.traceId }));
`;
const BILL = `import { event } from 'tenfold';
export default event(received => { if (received.data.bad) throw new Error('no price'); });
`;

describe('spans at a collector', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let folder: string | undefined;
  before(async () => {
    collector = await startCollector();
    mkdirSync(packageFile('.cache'), { recursive: true });
    const made = mkdtempSync(packageFile('.cache/traces-'));
    for (const [name, text] of Object.entries({ 'app.yaml': APP + STREAM, 'hello.ts': HELLO, 'bill.ts': BILL }))
      writeFileSync(join(made, name), text);
    folder = made;
  });
  after(async () => {
    await collector?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    collector.spans.length = 0;
  });

  const start = (ratio: number) =>
    startPlatform({
      directory: folder ?? '',
      watch: false,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: {},
      tracing: {
        url: collector.url,
        headers: {},
        timeoutMs: 10_000,
        sampling: { ratio, parentBased: true },
        resource: { 'service.name': 'tenfold-serve' },
        metrics: { url: collector.metricsUrl, intervalMs: 3_600_000 },
        // A busy machine makes spans slow, too.
        slowMs: 3_600_000,
        waitMs: 60_000,
      },
    });
  it('of a request and of its function are one trace, by the names of the conventions', async () => {
    const platform = await start(1);
    assert.deepEqual(platform.view.catalog.problems, []);
    const answer = await fetch(`${platform.addresses.public}/hello`);
    const told = (await answer.json()) as { span: string; trace: string };
    const headers = { 'content-type': 'application/json' };
    await fetch(`${platform.addresses.public}/orders`, { method: 'POST', headers, body: '{}' });
    const by = (consumer: string) =>
      collector.spans.filter(span => span.kind === 5 && attributeOf(span, 'tenfold.consumer') === consumer);
    await eventually(
      () => by('Subscription/default/billing').length > 0 && by('View/default/totals').length > 0,
      'the event was processed',
    );
    const published = collector.spans.find(({ kind }) => kind === 4);
    assert.equal(by('View/default/totals')[0]?.parentSpanId, published?.spanId);
    await platform.close(10_000);
    const named = (name: string) => collector.metrics.find(metric => metric.name === name);
    const all = named('http_server_request_duration_seconds')?.histogram?.dataPoints ?? [];
    // Functions that begin ask for the key by which they tell causes.
    const requests = all.filter(({ attributes = [] }) =>
      attributes.every(({ value }) => Object.values(value)[0] !== CAUSE_KEY_PATH),
    );
    assert.equal(
      requests.reduce((sum, { count = '0' }) => sum + Number(count), 0),
      2,
    );
    for (const { bucketCounts = [], explicitBounds = [], count } of requests) {
      assert.equal(bucketCounts.length, explicitBounds.length + 1);
      assert.equal(
        bucketCounts.reduce((sum, each) => sum + Number(each), 0),
        Number(count),
      );
    }
    assert.equal(named('tenfold_build_info')?.gauge?.dataPoints[0]?.asDouble, 1);
    assert.equal(named('tenfold_spans_sent_total')?.sum?.isMonotonic, true);
    const mine = collector.spans.filter(({ traceId }) => traceId === told.trace);
    assertWhole(mine);
    const called = mine.find(({ spanId }) => spanId === told.span);
    assert.deepEqual([called?.service, called?.kind, mine.length], ['hello', 2, 3]);
    const names = collector.spans.flatMap(({ attributes = [] }) => attributes.map(({ key }) => key));
    assert.ok(names.length > 20);
    assert.deepEqual(
      names.filter(name => !name.startsWith('tenfold.') && !REGISTRY.has(name)),
      [],
    );
  });

  it('have the tracestate of the request, through a Topic, a Pipeline and a FanOut to a function', async () => {
    const platform = await start(0);
    assert.deepEqual(platform.view.catalog.problems, []);
    const trace = 'c'.repeat(32);
    const answer = await fetch(`${platform.addresses.public}/stream`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        traceparent: `00-${trace}-${'b'.repeat(16)}-01`,
        tracestate: 'a=1, b@c=2',
      },
      body: '{"n":1,"items":[{}]}',
    });
    assert.equal(answer.status, 204, await answer.text());
    const mine = () => collector.spans.filter(({ traceId }) => traceId === trace);
    await eventually(
      () => mine().some(({ service }) => service === 'bill'),
      () => `the function is called: ${mine().map(({ name }) => name)}`,
    );
    await platform.close(10_000);
    assert.deepEqual([...new Set(mine().map(({ traceState }) => traceState))], ['a=1,b@c=2']);
    const kinds = new Set(mine().map(({ kind }) => kind));
    assert.deepEqual(
      [...kinds].sort(),
      [2, 3, 4, 5],
      mine()
        .map(({ name }) => name)
        .join(', '),
    );
  });

  it('of each dead letter are whole at 0.1%, and those of what went well are few', async () => {
    const platform = await start(0.001);
    assert.deepEqual(platform.view.catalog.problems, []);
    for (let from = 0; from < LETTERS; from += 50) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          for (const bad of [true, false]) {
            const headers = { 'content-type': 'application/json', 'ce-id': `${bad}-${from + index}` };
            const answer = await fetch(`${platform.addresses.public}/orders`, {
              method: 'POST',
              headers: { ...headers, 'ce-source': '/t', 'ce-type': 't', 'ce-specversion': '1.0' },
              body: JSON.stringify({ bad }),
            });
            assert.equal(answer.status, 204);
          }
        }),
      );
    }
    const letters = () => collector.spans.filter(({ name }) => name.startsWith('dead-letter '));
    await eventually(
      () => letters().length === LETTERS,
      () => `${letters().length} dead letters`,
    );
    await platform.close(10_000);
    const ids = new Set(letters().map(span => attributeOf(span, 'messaging.message.id')));
    assert.equal(ids.size, LETTERS);
    const byTrace = Map.groupBy(collector.spans, ({ traceId }) => traceId);
    for (const { traceId } of letters()) {
      const whole = byTrace.get(traceId) ?? [];
      assertWhole(whole);
      const count = (kind: number, text: string) =>
        whole.filter(span => span.kind === kind && span.name.startsWith(text)).length;
      // The View counts the event before or after it is known that the trace is kept.
      const attempts = count(5, 'process default.orders');
      const found = [count(2, 'POST /orders'), count(4, 'send '), attempts, count(2, 'bill')];
      assert.deepEqual(found, [1, 1, 2, 2], whole.map(({ name }) => name).join(', '));
    }
    assert.ok(byTrace.size < LETTERS + 20, `${byTrace.size} traces`);
  });
});
