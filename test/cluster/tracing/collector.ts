// A real collector of OpenTelemetry, built from its Go modules. The spans, metrics and log lines
// that it understood come back as OTLP in JSON.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { startNative } from '../../services/native-process.ts';
import { freePorts } from '../free-ports.ts';
import { buildGo } from '../go-binary.ts';

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  /** As of OTLP: 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes?: readonly KeyValue[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  /** Of its resource. */
  readonly service: string;
}

interface Point {
  readonly attributes?: readonly KeyValue[];
  readonly asDouble?: number;
  readonly sum?: number;
  readonly count?: string;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
}

export interface CollectedMetric {
  readonly name: string;
  readonly sum?: { readonly isMonotonic?: boolean; readonly dataPoints: readonly Point[] };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly histogram?: { readonly dataPoints: readonly Point[] };
}

export interface CollectedLog {
  readonly timeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: { readonly stringValue: string };
  readonly attributes?: readonly KeyValue[];
  readonly traceId?: string;
  readonly spanId?: string;
  /** Of its resource. */
  readonly service: string;
}

interface Logs {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeLogs: readonly { readonly logRecords: readonly Omit<CollectedLog, 'service'>[] }[];
  }[];
}

interface Metrics {
  readonly resourceMetrics: readonly { readonly scopeMetrics: readonly { readonly metrics: CollectedMetric[] }[] }[];
}

interface Traces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<CollectedSpan, 'service'>[] }[];
  }[];
}

const CONFIG = (from: number, to: number) => `yaml:
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${from}" } } } }
exporters:
  otlp_http: { endpoint: "http://127.0.0.1:${to}", encoding: json, compression: none, sending_queue: { enabled: false } }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [otlp_http] }
    metrics: { receivers: [otlp], exporters: [otlp_http] }
    logs: { receivers: [otlp], exporters: [otlp_http] }
`;

export async function startCollector() {
  const binary = await buildGo('collector');
  const spans: CollectedSpan[] = [];
  const metrics: CollectedMetric[] = [];
  const logs: CollectedLog[] = [];
  const behind = createServer(async (request, response) => {
    const collected = (await json(request)) as Partial<Traces & Metrics & Logs>;
    const { resourceSpans = [], resourceMetrics = [], resourceLogs = [] } = collected;
    for (const { resource, scopeLogs } of resourceLogs) {
      const service = textOf(resource.attributes, 'service.name');
      for (const { logRecords } of scopeLogs) for (const record of logRecords) logs.push({ ...record, service });
    }
    metrics.push(...resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(scope => scope.metrics)));
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = textOf(resource.attributes, 'service.name');
      for (const { spans: some } of scopeSpans) for (const span of some) spans.push({ ...span, service });
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>(resolve => behind.listen(0, '127.0.0.1', resolve));
  const [port = 0] = await freePorts(1);
  const { stop } = await startNative({
    name: 'collector',
    command: binary,
    args: () => ['--config', CONFIG(port, (behind.address() as AddressInfo).port)],
    async isReady() {
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
      return answer !== undefined;
    },
  });
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    metricsUrl: `http://127.0.0.1:${port}/v1/metrics`,
    logsUrl: `http://127.0.0.1:${port}/v1/logs`,
    spans,
    metrics,
    logs,
    async stop() {
      await stop();
      behind.closeAllConnections();
      await new Promise(resolve => behind.close(resolve));
    },
  };
}

export function attributeOf(span: CollectedSpan, name: string): unknown {
  const found = span.attributes?.find(({ key }) => key === name);
  return found && Object.values(found.value)[0];
}

/** Every span has its parent, but for one. */
export function assertWhole(spans: readonly CollectedSpan[]): void {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  assert.equal(ids.size, spans.length, 'no span comes twice');
  const roots = rootsOf(spans);
  assert.deepEqual(
    roots.map(({ name, parentSpanId = '' }) => [name, parentSpanId]),
    [[roots[0]?.name, '']],
  );
}

/** Those whose parent is not among them. */
export function rootsOf(spans: readonly CollectedSpan[]): CollectedSpan[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId = '' }) => !ids.has(parentSpanId));
}

function textOf(attributes: readonly KeyValue[], name: string): string {
  const found = attributes.find(({ key }) => key === name);
  return String(found && Object.values(found.value)[0]);
}
