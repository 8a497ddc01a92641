// The spans of a platform on their way to a collector of OpenTelemetry, where one is configured.
import { every } from '../../core/retry/every.ts';
import { shareKept } from '../tracing/share-kept.ts';
import { startTracing } from '../tracing/start-tracing.ts';
import type { PlatformPart } from './platform-part.ts';

/** It stops last, so that the spans of all other parts are sent. */
export const tracing: PlatformPart<'options' | 'world' | 'log', 'tracing' | 'tracer'> = {
  name: 'tracing',
  start({ options, world, log }) {
    const messagingSystem = options.services?.log?.kafka ? 'kafka' : 'tenfold';
    const { tracing: settings, exportedLogs: logs } = options;
    const started = startTracing({ world, settings, instance: world.id(), messagingSystem, log, logs });
    return { tracing: started, tracer: started?.tracer };
  },
  stop: (own, graceMs) => own.tracing?.exporter.close(graceMs),
};

/** Metrics by OTLP, besides those that are scraped. */
export const exportedMetrics: PlatformPart<'options' | 'world' | 'tracing' | 'metrics', 'metricsExport'> = {
  name: 'exported metrics',
  start({ options, world, tracing: started, metrics }) {
    const interval = options.tracing?.metrics?.intervalMs;
    if (started === undefined || interval === undefined) return { metricsExport: undefined };
    const ending = new AbortController();
    const send = () => started.exporter.exportMetrics(metrics.records);
    const rounds = every(interval, send, { world, signal: ending.signal });
    return {
      metricsExport: {
        async close() {
          ending.abort();
          await rounds;
          await send();
        },
      },
    };
  },
  stop: ({ metricsExport }) => metricsExport?.close(),
};

export const sharedTraces: PlatformPart<'world' | 'storage' | 'tracing', 'keptTraces'> = {
  name: 'shared traces',
  start({ world, storage, tracing: started }) {
    const hints = storage?.hints;
    if (hints === undefined || started === undefined) return { keptTraces: undefined };
    const shared = shareKept(world, hints, started.tracer);
    started.tellOthers = shared.tell;
    return { keptTraces: shared };
  },
  stop: ({ keptTraces }) => keptTraces?.close(),
};
