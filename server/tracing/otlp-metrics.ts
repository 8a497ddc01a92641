// Metrics as the body of an OTLP request, in protobuf. They keep the names that they have at
// /metrics.
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { MetricPoint, MetricRecord } from './messages.ts';
import { toHrTime } from './otlp-time.ts';

type ResourceMetrics = Parameters<typeof ProtobufMetricsSerializer.serializeRequest>[0];

/** As of `DataPointType` of OpenTelemetry's SDK. */
const POINT_TYPES = { histogram: 0, gauge: 2, counter: 3 } as const;
const CUMULATIVE = 1;
const DOUBLE = 1;

/** `since` and `at`: milliseconds since 1970 at which counting began, and at which it was read. */
export function toMetricsRequest(
  metrics: readonly MetricRecord[],
  { since, at }: { readonly since: number; readonly at: number },
  resource: Readonly<Record<string, string>>,
  version: string,
): Uint8Array | undefined {
  const times = { startTime: toHrTime(since), endTime: toHrTime(at) };
  return ProtobufMetricsSerializer.serializeRequest({
    resource: { attributes: resource, getRawAttributes: () => Object.entries(resource) },
    scopeMetrics: [
      {
        scope: { name: 'tenfold', version },
        metrics: metrics.map(({ name, help, kind, points }) => ({
          descriptor: { name, description: help, unit: '', valueType: DOUBLE },
          aggregationTemporality: CUMULATIVE,
          dataPointType: POINT_TYPES[kind],
          isMonotonic: kind === 'counter',
          dataPoints: points.map(point => ({ ...times, attributes: point.labels, value: numbersOf(point) })),
        })),
      },
    ],
  } as unknown as ResourceMetrics);
}

function numbersOf({ value, histogram }: MetricPoint) {
  if (histogram === undefined) return value;
  const { bounds: boundaries, counts, count } = histogram;
  return { buckets: { boundaries, counts }, sum: value, count };
}
