// The log lines of a process and of its Functions at a real collector: with their severity, their
// resource and their trace.
import assert from 'node:assert/strict';
import { createLogReporter } from '../../../cli/serve/log-reporter.ts';
import { realWorld } from '../../../core/world.ts';
import { ExportedLogs } from '../../../server/tracing/exported-logs.ts';
import { startTracing } from '../../../server/tracing/start-tracing.ts';
import { type CollectedLog, startCollector } from './collector.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('log lines at a collector', () => {
  it('are those that are printed, with severity, resource and trace', async () => {
    const collector = await startCollector();
    const exported = new ExportedLogs(realWorld);
    const printed: string[] = [];
    const { events } = createLogReporter({ print: text => printed.push(text) }, 'info', () => new Date(), exported);
    events.gatewayLog?.({ level: 'warn', message: 'before the collector', fields: { trace: TRACE, count: 2 } });
    const tracing = startTracing({
      world: realWorld,
      settings: {
        url: collector.url,
        headers: {},
        timeoutMs: 60_000,
        sampling: { ratio: 1, parentBased: true },
        resource: { 'service.name': 'tenfold-serve' },
        metrics: undefined,
        logs: { url: collector.logsUrl },
        slowMs: 5_000,
        waitMs: 60_000,
      },
      instance: 'one',
      messagingSystem: 'tenfold',
      log: () => {},
      logs: exported,
    });
    const bill = { namespace: 'default', name: 'bill' } as const;
    const line = { level: 'error', message: 'no price', trace: TRACE, span: SPAN, order: { id: 7 } };
    events.functionLog?.({ ...bill, stream: 'stdout', text: JSON.stringify(line) });
    events.functionLog?.({ ...bill, stream: 'stderr', text: 'raw' });
    events.functionLog?.({ ...bill, stream: 'stdout', text: '{"level":"debug","message":"left out"}' });
    await tracing?.exporter.close(60_000);
    await collector.stop();
    assert.deepEqual([exported.counts, printed.length], [{ sent: 3, lost: 0 }, 3]);
    const shown = ({ service, severityText, severityNumber, body, attributes, ...of }: CollectedLog) => [
      service,
      `${severityText} ${severityNumber}`,
      body.stringValue,
      `${of.traceId ?? ''}/${of.spanId ?? ''}`,
      attributes?.map(({ key, value }) => `${key}=${Object.values(value)}`).join(' '),
    ];
    assert.deepEqual(collector.logs.map(shown), [
      ['tenfold-serve', 'WARN 13', 'before the collector', `${TRACE}/`, 'count=2'],
      ['bill', 'ERROR 17', 'no price', `${TRACE}/${SPAN}`, 'order={"id":7}'],
      ['bill', 'WARN 13', 'raw', '/', 'function=bill namespace=default stream=stderr'],
    ]);
    assert.ok(collector.logs.every(({ timeUnixNano }) => Math.abs(Number(timeUnixNano) / 1e6 - Date.now()) < 600_000));
  });
});
