// A tracer for tests that keeps what it exports.
import type { AttributeValue, FunctionService, Span, SpanKind, SpanLink } from '../../../core/tracing/span.ts';
import { Tracer, type TracerOptions } from '../../../core/tracing/tracer.ts';
import { realWorld } from '../../../core/world.ts';

/** A finished span. Times are milliseconds since 1970, with fractions. */
export interface SpanRecord extends SpanLink {
  readonly parentSpanId: string | undefined;
  readonly sampled: boolean;
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly failed: boolean;
  readonly message: string | undefined;
  readonly links: readonly SpanLink[];
  readonly droppedLinks: number;
  readonly service: FunctionService | undefined;
}

export interface Recorded {
  readonly tracer: Tracer;
  readonly spans: SpanRecord[];
  /** The traces that other processes were told of. */
  readonly told: string[];
}

export function recordSpans(options: Partial<TracerOptions> = {}): Recorded {
  const spans: SpanRecord[] = [];
  const told: string[] = [];
  const tracer = new Tracer({
    world: realWorld,
    sampling: { ratio: 1, parentBased: true },
    messagingSystem: 'tenfold',
    slowMs: 5000,
    waitMs: 60_000,
    maxWaiting: 100,
    exported: exported => spans.push(...exported.map(toSpanRecord)),
    kept: trace => told.push(trace),
    ...options,
  });
  return { tracer, spans, told };
}

/** Throws where an attribute comes twice, which OTLP does not allow. */
export function toSpanRecord(span: Span): SpanRecord {
  span.describe();
  const attributes: Record<string, AttributeValue> = {};
  const { facts, errorType } = span;
  const all = errorType === undefined ? facts : [...facts, 'error.type', errorType];
  for (let index = 0; index < all.length; index += 2) {
    const name = String(all[index]);
    if (Object.hasOwn(attributes, name)) throw new Error(`${span.name} has ${name} twice`);
    // Plainly written, a member of the name "__proto__" would be none.
    Object.defineProperty(attributes, name, { value: all[index + 1] ?? '', enumerable: true });
  }
  const { traceId, spanId, parentSpanId, name, kind, start, end, failed, message, links, droppedLinks, part, service } =
    span;
  const sampled = part.flags === '01';
  return {
    traceId,
    spanId,
    tracestate: part.tracestate,
    parentSpanId,
    sampled,
    name,
    kind,
    start,
    end,
    attributes,
    failed,
    message,
    links,
    droppedLinks,
    service,
  };
}
