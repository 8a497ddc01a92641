// Metrics that cannot be encoded are told, and spans are sent all the same.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import { startSpanExporter } from '../../../server/tracing/span-exporter.ts';
import { senderThread } from '../../../server/tracing/start-tracing.ts';
import { recordSpans } from '../../core/tracing/record-spans.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const THREAD = senderThread();

/** The thread, which cannot load the package that encodes metrics. */
const CODE = `import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith('@opentelemetry/')) throw new Error('it is not there');
      return next(specifier, context);
    },
  });
  await import(${JSON.stringify(THREAD.href)});`;

describe('the exporter of spans, where metrics cannot be encoded', () => {
  it('says so, and sends spans after that', async () => {
    const collector = await startUpstream((request, response) => {
      request.resume().on('end', () => response.end());
    });
    const losses: string[] = [];
    const refusals: string[] = [];
    const exporter = startSpanExporter({
      world: realWorld,
      thread: new URL(`data:text/javascript,${encodeURIComponent(CODE)}`),
      data: { url: `${collector.origin}/v1/traces`, headers: {}, timeoutMs: 60_000, resource: {}, version: '1' },
      lost: (_, reason) => losses.push(reason),
      refused: reason => refusals.push(reason),
    });
    const { tracer } = recordSpans({ exported: spans => exporter.export(spans) });
    await exporter.exportMetrics(async () => []);
    await eventually(() => refusals.length + losses.length > 0, 'it says so');
    tracer.begin(undefined, 'server', 'x').finish();
    await exporter.close(60_000);
    assert.deepEqual([exporter.counts, losses], [{ sent: 1, lost: 0 }, []]);
    assert.match(String(refusals), /They cannot be encoded: it is not there/);
    await collector.close();
  });
});
