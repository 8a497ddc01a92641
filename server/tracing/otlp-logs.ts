// Log lines as the body of an OTLP request, in protobuf. Each has the resource of the process or of
// the Function that wrote it, and the trace that it names.
import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import type { LogRecordMessage } from './messages.ts';
import { resourceOf } from './otlp-resource.ts';
import { toHrTime } from './otlp-time.ts';

type ReadableLogs = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0];

const TRACE = /^[0-9a-f]{32}$/;
const SPAN = /^[0-9a-f]{16}$/;
/** A line says nothing of sampling. */
const FLAGS = 0;

export function toLogsRequest(
  records: readonly LogRecordMessage[],
  own: Readonly<Record<string, string>>,
  version: string,
): Uint8Array | undefined {
  const instrumentationScope = { name: 'tenfold', version };
  // The package gathers lines by the identity of this.
  const resources = new Map<string, object>();
  const resourceFor = (service: LogRecordMessage['service']) => {
    const key = service === undefined ? '' : `${service.namespace}/${service.name}`;
    const attributes = resourceOf(own, service);
    const made = resources.get(key) ?? { attributes, getRawAttributes: () => Object.entries(attributes) };
    resources.set(key, made);
    return made;
  };
  return ProtobufLogsSerializer.serializeRequest(
    records.map(({ at, severity, level, message, attributes, trace = '', span = '', service }) => ({
      hrTime: toHrTime(at),
      hrTimeObserved: toHrTime(at),
      severityNumber: severity,
      severityText: level.toUpperCase(),
      body: message,
      attributes: Object.fromEntries(attributes),
      droppedAttributesCount: 0,
      resource: resourceFor(service),
      instrumentationScope,
      ...(TRACE.test(trace)
        ? { spanContext: { traceId: trace, spanId: SPAN.test(span) ? span : '', traceFlags: FLAGS } }
        : {}),
    })) as unknown as ReadableLogs,
  );
}
