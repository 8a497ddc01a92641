// W3C Trace Context: reads, continues and writes `traceparent`
// (https://www.w3.org/TR/trace-context/).
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span that called. */
  readonly spanId: string;
  /** Two hex digits; bit 0 says sampled. */
  readonly flags: string;
}

const PATTERN = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const POOL_BYTES = 4096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

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

/** A context for work done on behalf of `parent`, or of a new trace. */
export function childContext(parent: TraceContext | undefined): TraceContext {
  return { traceId: parent?.traceId ?? hex(16), spanId: hex(8), flags: parent?.flags ?? '01' };
}

export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.flags}`;
}

/** Random hex digits out of a pooled buffer: one system call per 4 KiB instead of one per id. */
function hex(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    // Loaded at first use: it costs a function's cold start 4 ms.
    process.getBuiltinModule('node:crypto').randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}
