// Spans that nobody sampled wait here as bytes, as another process may still find out that their
// trace matters. As objects they cost 6 µs for each event, most of it to collect garbage.
import type { FunctionService, Span } from '../../core/tracing/span.ts';
import type { WaitingSpans } from '../../core/tracing/waiting-parts.ts';
import { ByteWriter } from './byte-writer.ts';
import { writeSpan } from './span-encoder.ts';

export interface WaitingBytesOptions {
  readonly maxSpans: number;
  /** Most bytes that wait: so much memory is taken once the first span waits. */
  readonly maxBytes: number;
  readonly waitMs: number;
  /** A random whole number, so that nobody outside can choose traces of one bucket. */
  readonly seed: number;
  /** The bytes are valid during the call alone. */
  exported(service: FunctionService | undefined, bytes: Uint8Array): void;
}

/** One after the other, spans cost a third less to encode than each on its own. */
const ENCODED_TOGETHER = 64;
const TRACE_BYTES = 16;
/** A power of two. */
const BUCKETS = 65_536;

/**
 * A ring of spans, and of their bytes. Numbers of spans count from 0 on and never begin anew. A
 * bucket has the newest span whose trace has its hash, and each span the one before it.
 */
export class WaitingBytes implements WaitingSpans {
  readonly #options: WaitingBytesOptions;
  readonly #scratch = new ByteWriter();
  /** Not yet encoded. */
  #ended: Span[] = [];
  #bytes: Buffer | undefined;
  /** The next bytes go here. */
  #end = 0;
  #first = 0;
  #next = 0;
  /** By hash, one more than the number of a span; 0: there is none. */
  readonly #newest = new Float64Array(BUCKETS);
  readonly #before: Float64Array;
  readonly #starts: Int32Array;
  readonly #sizes: Int32Array;
  /** On the monotonic clock; 0: it is taken. */
  readonly #until: Float64Array;
  readonly #services: (FunctionService | undefined)[];
  forgotten = 0;

  constructor(options: WaitingBytesOptions) {
    this.#options = options;
    const { maxSpans } = options;
    this.#before = new Float64Array(maxSpans);
    this.#starts = new Int32Array(maxSpans);
    this.#sizes = new Int32Array(maxSpans);
    this.#until = new Float64Array(maxSpans);
    this.#services = new Array(maxSpans).fill(undefined);
  }

  add(_trace: string, spans: readonly Span[], now: number): void {
    for (const span of spans) this.#ended.push(span);
    if (this.#ended.length >= ENCODED_TOGETHER) this.#encode(now);
  }

  take(trace: string, now: number): void {
    this.#encode(now);
    const found: number[] = [];
    const bytes = this.#bytes;
    if (bytes === undefined) return;
    let number = (this.#newest[this.#hashOf(trace)] ?? 0) - 1;
    while (number >= this.#first) {
      const slot = number % this.#options.maxSpans;
      const start = this.#starts[slot] ?? 0;
      if ((this.#until[slot] ?? 0) > now && bytes.toString('hex', start, start + TRACE_BYTES) === trace)
        found.push(number);
      number = (this.#before[slot] ?? 0) - 1;
    }
    for (const one of found.reverse()) {
      const slot = one % this.#options.maxSpans;
      const start = this.#starts[slot] ?? 0;
      this.#until[slot] = 0;
      const until = start + (this.#sizes[slot] ?? 0);
      this.#options.exported(this.#services[slot], bytes.subarray(start + TRACE_BYTES, until));
    }
  }

  #encode(now: number): void {
    const ended = this.#ended;
    if (ended.length === 0) return;
    this.#ended = [];
    for (const span of ended) this.#keep(span, now);
  }

  #keep(span: Span, now: number): void {
    const scratch = this.#scratch;
    scratch.at = 0;
    try {
      scratch.reserve(TRACE_BYTES);
      scratch.hex(span.traceId);
      writeSpan(scratch, span);
    } catch {
      this.forgotten++;
      return;
    }
    const { maxSpans, maxBytes, waitMs } = this.#options;
    const size = scratch.at;
    if (size > maxBytes) {
      this.forgotten++;
      return;
    }
    this.#bytes ??= Buffer.allocUnsafeSlow(maxBytes);
    const start = this.#makeRoom(size, now);
    scratch.copyTo(this.#bytes, start);
    const slot = this.#next % maxSpans;
    const bucket = this.#hashOf(span.traceId);
    this.#starts[slot] = start;
    this.#sizes[slot] = size;
    this.#until[slot] = now + waitMs;
    this.#services[slot] = span.service;
    this.#before[slot] = this.#newest[bucket] ?? 0;
    this.#newest[bucket] = ++this.#next;
    this.#end = start + size;
  }

  /** Forgets the oldest where that is needed. Returns the place for the bytes. */
  #makeRoom(size: number, now: number): number {
    const { maxSpans, maxBytes } = this.#options;
    if (this.#next - this.#first >= maxSpans) this.#forget(now);
    let start = this.#end;
    if (start + size > maxBytes) {
      // The spans behind the end are older than all at the beginning.
      while (this.#first < this.#next && this.#startOfFirst() >= start) this.#forget(now);
      start = 0;
    }
    while (this.#first < this.#next && this.#startOfFirst() >= start && this.#startOfFirst() < start + size)
      this.#forget(now);
    return start;
  }

  #startOfFirst(): number {
    return this.#starts[this.#first % this.#options.maxSpans] ?? 0;
  }

  #forget(now: number): void {
    const slot = this.#first++ % this.#options.maxSpans;
    if ((this.#until[slot] ?? 0) > now) this.forgotten++;
    this.#services[slot] = undefined;
  }

  #hashOf(trace: string): number {
    let hash = this.#options.seed;
    for (let index = 0; index < trace.length; index++) hash = Math.imul(hash ^ trace.charCodeAt(index), 0x01000193);
    return (hash ^ (hash >>> 16)) & (BUCKETS - 1);
  }
}
