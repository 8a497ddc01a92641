// Starts what records spans and exports them, where a collector is configured.
import { pathToFileURL } from 'node:url';
import { randomHex } from '../../core/random-hex.ts';
import { Tracer } from '../../core/tracing/tracer.ts';
import type { World } from '../../core/world.ts';
import { entryFile } from '../package-file.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import { packageVersion } from '../version.ts';
import type { ExportedLogs } from './exported-logs.ts';
import type { TracingSettings } from './settings.ts';
import { type SpanExporter, startSpanExporter } from './span-exporter.ts';
import { WaitingBytes } from './waiting-bytes.ts';

export interface Tracing {
  readonly tracer: Tracer;
  readonly exporter: SpanExporter;
  /** Of log lines. */
  readonly logCounts: { readonly sent: number; readonly lost: number };
  /** Called for each trace that is kept; set once the other processes can be told. */
  tellOthers: ((trace: string) => void) | undefined;
}

export interface TracingOptions {
  readonly world: World;
  readonly settings: TracingSettings | undefined;
  /** The id of this process among those of its service. */
  readonly instance: string;
  readonly messagingSystem: string;
  readonly log: (entry: GatewayLogEntry) => void;
  /** The lines that this process writes. */
  readonly logs?: ExportedLogs | undefined;
}

const MAX_WAITING_SPANS = 20_000;
/** A span that waits has some 400 bytes. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export function startTracing(options: TracingOptions): Tracing | undefined {
  const { world, settings, instance, messagingSystem, log, logs } = options;
  if (settings?.logs === undefined) logs?.leaveOff();
  if (settings === undefined) return undefined;
  const { url, headers, timeoutMs, sampling, slowMs, waitMs } = settings;
  const exporter = startSpanExporter({
    world,
    thread: senderThread(),
    data: {
      url,
      headers,
      timeoutMs,
      metricsUrl: settings.metrics?.url,
      logsUrl: settings.logs?.url,
      resource: { 'service.instance.id': instance, 'service.version': packageVersion, ...settings.resource },
      version: packageVersion,
    },
    logs,
    lost: (count, reason) =>
      log({ level: 'warn', message: 'spans were lost; requests and events go on', fields: { count, reason } }),
    refused: reason =>
      log({
        level: 'warn',
        message: 'the collector did not get the metrics; the next round tries again',
        fields: { reason },
      }),
  });
  if (settings.logs !== undefined)
    logs?.begin(records => exporter.postLogs(records), {
      lost: (count, reason) =>
        log({ level: 'warn', message: 'log lines did not reach the collector', fields: { count, reason } }),
    });
  const tracing: Tracing = {
    tracer: new Tracer({
      world,
      sampling,
      messagingSystem,
      slowMs,
      waitMs,
      maxWaiting: MAX_WAITING_SPANS,
      waiting: new WaitingBytes({
        maxSpans: MAX_WAITING_SPANS,
        maxBytes: MAX_WAITING_BYTES,
        waitMs,
        seed: Number.parseInt(randomHex(4), 16),
        exported: (service, bytes) => exporter.exportEncoded(service, bytes),
      }),
      exported: spans => exporter.export(spans),
      kept: trace => tracing.tellOthers?.(trace),
    }),
    exporter,
    logCounts: logs?.counts ?? { sent: 0, lost: 0 },
    tellOthers: undefined,
  };
  return tracing;
}

export function senderThread(): URL {
  return pathToFileURL(entryFile('server/tracing/thread-main.ts', 'dist/tracing/thread-main.js'));
}
