// The body of an OTLP request as the package of OpenTelemetry makes it, which our own must equal.
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { Span, SpanKind } from '../../../core/tracing/span.ts';
import { resourceOf } from '../../../server/tracing/otlp-resource.ts';
import { toSpanRecord } from '../../core/tracing/record-spans.ts';

type ReadableSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number];
type Resource = Pick<ReadableSpan['resource'], 'attributes' | 'getRawAttributes'>;

/** As of `SpanKind` of OpenTelemetry's API. */
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 };

export function toReferenceRequest(
  spans: readonly Span[],
  resource: Readonly<Record<string, string>>,
  version: string,
): Uint8Array {
  const resources = new Map<string, Resource>();
  // The serializer tells resources apart by their identity.
  const toResource = ({ service }: Span) => {
    const key = service ? `${service.namespace}/${service.name}` : '';
    const attributes = resourceOf(resource, service);
    const known = resources.get(key) ?? { attributes, getRawAttributes: () => Object.entries(attributes) };
    resources.set(key, known);
    return known;
  };
  const scope = { name: 'tenfold', version };
  const readable = spans.map(span => toReadable(span, toResource(span), scope));
  return ProtobufTraceSerializer.serializeRequest(readable) ?? new Uint8Array();
}

function toReadable(
  span: Span,
  resource: Resource,
  instrumentationScope: ReadableSpan['instrumentationScope'],
): ReadableSpan {
  const { traceId, spanId, parentSpanId, name, start, end, attributes, failed, message, links, kind, sampled } =
    toSpanRecord(span);
  const traceFlags = sampled ? 1 : 0;
  return {
    name,
    kind: KINDS[kind],
    spanContext: () => ({ traceId, spanId, traceFlags, traceState: stateOf(span.part.tracestate) }),
    parentSpanContext: parentSpanId === undefined ? undefined : { traceId, spanId: parentSpanId, traceFlags },
    startTime: toHrTime(start),
    endTime: toHrTime(end),
    duration: toHrTime(end - start),
    ended: true,
    status: { code: failed ? 2 : 0, message },
    attributes,
    links: links.map(({ tracestate, ...context }) => ({
      context: { ...context, traceFlags: 1, traceState: stateOf(tracestate) },
    })),
    events: [],
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: span.droppedLinks,
  } as unknown as ReadableSpan;
}

function stateOf(text: string | undefined): { serialize(): string } | undefined {
  return text === undefined ? undefined : { serialize: () => text };
}

/** Seconds and nanoseconds. */
function toHrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}
