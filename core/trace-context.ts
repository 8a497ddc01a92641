// W3C Trace Context: reads, continues and writes `traceparent`
// (https://www.w3.org/TR/trace-context/).
import { randomHex } from './random-hex.ts';
import type { Span, SpanKind, TracePart } from './tracing/span.ts';

export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span that called. */
  readonly spanId: string;
  /** Two hex digits; bit 0 says sampled. */
  readonly flags: string;
  /** Other tracing systems keep theirs here. It comes with a request or an event. */
  readonly tracestate?: string | undefined;
  /** The spans of the trace in this process; undefined where no spans are recorded. */
  readonly part?: TracePart | undefined;
}

const PATTERN = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * The context of a `traceparent` header, or undefined when it is absent or malformed
 * (then a new trace begins).
 */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  if (header === undefined || header.length < 55) return undefined;
  const match = PATTERN.exec(header);
  if (!match || header.startsWith('ff') || (header.startsWith('00') && header.length !== 55)) return undefined;
  const [, traceId = '', spanId = '', flags = '00'] = match;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, flags };
}

/**
 * The trace in which an event was published, or its own where somebody else wrote the record. The
 * agent of OpenTelemetry for Java writes the first of the two headers, too.
 */
export function traceOfRecord(record: {
  readonly headers: Readonly<Record<string, string>>;
}): TraceContext | undefined {
  return parseTraceparent(record.headers['traceparent'] ?? record.headers['ce_traceparent']);
}

export function isSampled({ flags }: Pick<TraceContext, 'flags'>): boolean {
  return (Number.parseInt(flags, 16) & 1) === 1;
}

/** A context for work done on behalf of `parent`, or of a new trace. */
export function childContext(parent: TraceContext | undefined): TraceContext {
  return {
    traceId: parent?.traceId ?? randomHex(16),
    spanId: randomHex(8),
    flags: parent?.flags ?? '01',
    part: parent?.part,
  };
}

/**
 * The context of a call. It is that of the caller where spans are recorded, as each attempt begins
 * its own span when it is sent.
 */
export function callContext(parent: TraceContext): TraceContext {
  return parent.part === undefined ? childContext(parent) : parent;
}

/**
 * The id of a function's span: that of the call with its first bit inverted. So the caller can
 * record the span, also of a function that crashed, and functions need no way to a collector.
 */
export function functionSpanId(callId: string): string {
  return (Number.parseInt(callId.slice(0, 1), 16) ^ 8).toString(16) + callId.slice(1);
}

/** A span below `parent`, which is the context of its calls. Undefined: no spans are recorded. */
export function startSpan(parent: TraceContext, kind: SpanKind, name: string): Span | undefined {
  return parent.part?.start(parent.spanId, kind, name);
}

export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.flags}`;
}
