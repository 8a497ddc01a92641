// A function brings its own SDK of OpenTelemetry, as the guide sets it up. Its spans are below that
// of the invocation, which the platform records.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../../server/package-file.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { eventually } from '../../eventually.ts';
import { assertWhole, attributeOf, startCollector } from './collector.ts';

/** The block of the guide in this language that has the text. */
function blockOf(language: string, text: string): string {
  const guide = readFileSync(packageFile('docs/guides/tracing.md'), 'utf8');
  const blocks = [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const found = blocks.find(([, kind, code = '']) => kind === language && code.includes(text));
  return found?.[2] ?? assert.fail(`the guide shows no ${text}`);
}

describe('a function with an SDK of its own', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let platform: Platform | undefined;
  let folder: string | undefined;

  before(async () => {
    collector = await startCollector();
    // Below the checkout, where the packages are found.
    mkdirSync(packageFile('.cache'), { recursive: true });
    folder = mkdtempSync(packageFile('.cache/own-sdk-'));
    const app = blockOf('yaml', 'prices.ts').replace('http://collector:4318', collector.url.replace('/v1/traces', ''));
    writeFileSync(join(folder, 'app.yaml'), app);
    writeFileSync(join(folder, 'prices.ts'), blockOf('ts', 'prices.ts'));
    platform = await startPlatform({
      directory: folder,
      watch: false,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: {},
      tracing: {
        url: collector.url,
        headers: {},
        timeoutMs: 10_000,
        sampling: { ratio: 0, parentBased: true },
        resource: { 'service.name': 'tenfold-serve' },
        metrics: undefined,
        slowMs: 3_600_000,
        waitMs: 60_000,
      },
    });
    assert.deepEqual(platform.view.catalog.problems, []);
  });
  after(async () => {
    await platform?.close(10_000);
    await collector?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const ask = async (trace: string, flags: string) => {
    const headers = { traceparent: `00-${trace}-${'b'.repeat(16)}-${flags}` };
    const answer = await fetch(`${platform?.addresses.public}/price`, { headers });
    assert.deepEqual([answer.status, await answer.json()], [200, { price: 7 }]);
  };
  const spansOf = (trace: string) => collector.spans.filter(({ traceId }) => traceId === trace);

  it('has its spans below that of the invocation', async () => {
    const trace = 'a'.repeat(32);
    await ask(trace, '01');
    const own = () => spansOf(trace).find(({ name }) => name === 'look up');
    await eventually(
      () => own() !== undefined && spansOf(trace).length === 4,
      () => `there is ${spansOf(trace).map(({ name }) => name)}`,
    );
    const invocation = spansOf(trace).find(({ spanId }) => spanId === own()?.parentSpanId);
    assert.deepEqual([invocation?.service, invocation?.name, invocation?.kind], ['prices', 'prices', 2]);
    assert.equal(attributeOf(invocation ?? assert.fail(), 'faas.trigger'), 'http');
    // The caller of the request is none of ours.
    assertWhole(
      spansOf(trace).map(span => (span.parentSpanId === 'b'.repeat(16) ? { ...span, parentSpanId: '' } : span)),
    );
  });

  it('records nothing of a trace that is not sampled', async () => {
    await ask('c'.repeat(32), '00');
    const later = 'd'.repeat(32);
    await ask(later, '01');
    await eventually(() => spansOf(later).length === 4, 'a later trace is there');
    assert.deepEqual(spansOf('c'.repeat(32)), []);
  });
});
