// A process that exports one span to the collector at the address that it is given, and says by its
// exit code whether the collector took it.
import { realWorld } from '../../../core/world.ts';
import { startSpanExporter } from '../../../server/tracing/span-exporter.ts';
import { recordSpans } from '../../core/tracing/record-spans.ts';

const [url = ''] = process.argv.slice(2);
const exporter = startSpanExporter({
  world: realWorld,
  thread: new URL('../../../server/tracing/thread-main.ts', import.meta.url),
  data: { url, headers: {}, timeoutMs: 60_000, resource: {}, version: '1' },
  lost: (_, reason) => console.error(reason),
  refused: console.error,
});
const { tracer } = recordSpans({ exported: spans => exporter.export(spans) });
tracer.begin(undefined, 'server', 'proxied').finish();
await exporter.close(60_000);
process.exit(exporter.counts.sent === 1 ? 0 : 1);
