// Spans as OTLP has them, written where they end. An object for another thread costs several times
// as much as its bytes do (docs/decisions/2026-11-30-tracing.md).
import type { AttributeValue, FunctionService, Span, SpanKind, SpanLink } from '../../core/tracing/span.ts';
import { ByteWriter, MOST_VARINT, varintSize } from './byte-writer.ts';

/** As of `Span.SpanKind` of OTLP. */
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
const ERROR = 2;
const UNSET = 0;
/** The flags say whether the parent is of another process; that is not known of a link. */
const HAS_IS_REMOTE = 0x100;
const SAMPLED = 1;
/** Field numbers and wire types of the messages that stand below, as one byte. */
const SPAN = 0x12;
/** The same number in a span and in a link. */
const TRACE_STATE = 0x1a;
const NAME = 0x2a;
const ATTRIBUTE = 0x4a;
const LINK = 0x6a;
const STATUS = 0x7a;
/** All that has a fixed size in a span or a link, and the lengths of what has not. */
const FIXED_BYTES = 160;
const LINK_BYTES = 48;
const ATTRIBUTE_BYTES = 16 + MOST_VARINT;

/** Spans of one service, each as the field `spans` of `ScopeSpans`. */
export interface EncodedSpans {
  /** Undefined: they are of this process. */
  readonly service: FunctionService | undefined;
  readonly bytes: Buffer<ArrayBuffer>;
}

/** Buffers that are kept for the next spans: some are with the thread that sends. */
const MOST_SPARE = 8;
/** A larger one is not kept. */
const MOST_SPARE_BYTES = 4 * 1024 * 1024;

export class SpanEncoder {
  /** By service, in the order in which the first of their spans ended. */
  readonly #writers = new Map<string, { readonly service: FunctionService | undefined; readonly writer: ByteWriter }>();
  readonly #spare: ArrayBuffer[] = [];
  count = 0;
  bytes = 0;

  /**
   * Returns why the span cannot be encoded, where it cannot; then nothing of it stays. It throws
   * nothing, as it is called from timers and from wherever a span ends.
   */
  add(span: Span): string | undefined {
    let writer: ByteWriter | undefined;
    let before = 0;
    try {
      writer = this.#writerOf(span.service);
      before = writer.at;
      span.describe();
      writeSpan(writer, span);
    } catch (error) {
      if (writer !== undefined) writer.at = before;
      return error instanceof Error ? error.message : 'something else than an error was thrown';
    }
    this.count++;
    this.bytes += writer.at - before;
    return undefined;
  }

  /** A span that `writeSpan` has written before. */
  addEncoded(service: FunctionService | undefined, bytes: Uint8Array): void {
    const writer = this.#writerOf(service);
    writer.reserve(bytes.length);
    writer.copy(bytes);
    this.count++;
    this.bytes += bytes.length;
  }

  /** Everything that was added since the last time. */
  take(): EncodedSpans[] {
    const taken: EncodedSpans[] = [];
    for (const { service, writer } of this.#writers.values()) {
      if (writer.at > 0) taken.push({ service, bytes: writer.take() });
    }
    this.#writers.clear();
    this.count = 0;
    this.bytes = 0;
    return taken;
  }

  /** Gives back the buffers of spans that were sent: new ones would be 10 MB/s of garbage. */
  reuse(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      if (this.#spare.length < MOST_SPARE && buffer.byteLength <= MOST_SPARE_BYTES) this.#spare.push(buffer);
    }
  }

  #writerOf(service: FunctionService | undefined): ByteWriter {
    const key = service === undefined ? '' : `${service.namespace}/${service.name}`;
    let known = this.#writers.get(key);
    if (known === undefined) {
      if (service !== undefined) for (const part of [service.namespace, service.name]) assertText(part);
      known = { service, writer: new ByteWriter(this.#spare.pop()) };
      this.#writers.set(key, known);
    }
    return known.writer;
  }
}

export function writeSpan(to: ByteWriter, span: Span): void {
  const { name, facts, links, message, errorType } = span;
  to.reserve(mostBytes(span));
  to.byte(SPAN);
  to.at += 2;
  const start = to.at;
  writeIds(to, span);
  writeState(to, span.part.tracestate);
  if (span.parentSpanId !== undefined) {
    to.byte(0x22);
    to.byte(8);
    to.hex(span.parentSpanId);
  }
  writeText(to, NAME, name);
  to.byte(0x30);
  to.byte(KINDS[span.kind]);
  to.byte(0x39);
  to.nanoseconds(span.start);
  to.byte(0x41);
  to.nanoseconds(span.end);
  for (let index = 0; index < facts.length; index += 2) {
    const fact = facts[index];
    assertText(fact);
    writeAttribute(to, ATTRIBUTE, fact, facts[index + 1] ?? '');
  }
  if (errorType !== undefined) writeAttribute(to, ATTRIBUTE, 'error.type', errorType);
  // No attributes and no events of it were dropped.
  to.byte(0x50);
  to.byte(0);
  to.byte(0x60);
  to.byte(0);
  for (const link of links) writeLink(to, link);
  to.byte(0x70);
  to.varint(span.droppedLinks);
  writeStatus(to, span.failed ? ERROR : UNSET, message);
  to.byte(0x85);
  to.byte(0x01);
  to.fixed32(HAS_IS_REMOTE | (span.flags === '01' ? SAMPLED : 0));
  to.finishLength(start, 2);
}

/** Room is reserved by the length of texts, and what is no text would be written beyond it. */
function assertText(value: unknown): asserts value is string {
  if (typeof value !== 'string') throw new TypeError('A name is no text.');
}

/** UTF-8 has at most three bytes for a unit of UTF-16. */
function mostBytes({ name, facts, links, message = '', errorType = '', part: { tracestate = '' } }: Span): number {
  let most = FIXED_BYTES + ATTRIBUTE_BYTES + 3 * (name.length + message.length + errorType.length + tracestate.length);
  most += links.length * LINK_BYTES;
  for (const { tracestate: state } of links) most += state === undefined ? 0 : 3 * state.length;
  for (const fact of facts) most += ATTRIBUTE_BYTES + (typeof fact === 'string' ? 3 * fact.length : 0);
  return most;
}

function writeIds(to: ByteWriter, { traceId, spanId }: SpanLink): void {
  to.byte(0x0a);
  to.byte(16);
  to.hex(traceId);
  to.byte(0x12);
  to.byte(8);
  to.hex(spanId);
}

function writeState(to: ByteWriter, tracestate: string | undefined): void {
  if (tracestate === undefined) return;
  assertText(tracestate);
  writeText(to, TRACE_STATE, tracestate);
}

function writeLink(to: ByteWriter, link: SpanLink): void {
  to.byte(LINK);
  to.at += 1;
  const start = to.at;
  writeIds(to, link);
  writeState(to, link.tracestate);
  to.byte(0x28);
  to.byte(0);
  to.byte(0x35);
  to.fixed32(HAS_IS_REMOTE | SAMPLED);
  to.finishLength(start, 1);
}

function writeStatus(to: ByteWriter, code: number, message: string | undefined): void {
  to.byte(STATUS);
  to.at += 1;
  const start = to.at;
  if (message) writeText(to, 0x12, message);
  to.byte(0x18);
  to.byte(code);
  to.finishLength(start, 1);
}

/** `tag`: of a field of text. */
export function writeText(to: ByteWriter, tag: number, text: string, size = text.length): void {
  const start = to.at;
  to.byte(tag);
  to.varint(size);
  if (to.text(text, size)) return;
  to.at = start;
  writeText(to, tag, text, Buffer.byteLength(text));
}

/** `tag`: of a field of the message `KeyValue`. */
export function writeAttribute(to: ByteWriter, tag: number, name: string, value: AttributeValue): void {
  const known = nameOf(name);
  if (typeof value !== 'string') writeNumber(to, tag, known.head, value);
  else if (value === known.last) writeAgain(to, tag, known);
  else {
    known.last = value;
    known.bytes = undefined;
    writeTextAttribute(to, tag, known.head, value, value.length);
  }
}

function writeAgain(to: ByteWriter, tag: number, known: KnownName): void {
  if (known.bytes !== undefined) {
    to.byte(tag);
    to.copy(known.bytes);
    return;
  }
  const start = to.at;
  writeTextAttribute(to, tag, known.head, known.last, known.last.length);
  if (to.at - start <= MOST_KNOWN_BYTES) known.bytes = to.copyOf(start + 1);
}

interface KnownName {
  /** The field `key` and the tag of the field `value`. */
  readonly head: Uint8Array;
  /** The value of the last attribute of this name. */
  last: string;
  /** All of that attribute behind its tag, once it came twice. */
  bytes: Uint8Array | undefined;
}

/** Some fifty names are ours, and a resource may have some of its own. */
const MOST_NAMES = 1000;
const MOST_KNOWN_BYTES = 256;
/** To copy bytes takes 15 ns, and to write a name or a value 30 to 70. */
const names = new Map<string, KnownName>();

function nameOf(name: string): KnownName {
  let known = names.get(name);
  if (known === undefined) {
    const to = new ByteWriter();
    to.reserve(3 * name.length + ATTRIBUTE_BYTES);
    writeText(to, 0x0a, name);
    to.byte(0x12);
    known = { head: to.copyOf(0), last: '', bytes: undefined };
    if (names.size >= MOST_NAMES) names.clear();
    names.set(name, known);
  }
  return known;
}

function writeTextAttribute(to: ByteWriter, tag: number, head: Uint8Array, value: string, valueSize: number): void {
  const start = to.at;
  const size = 1 + varintSize(valueSize) + valueSize;
  to.byte(tag);
  to.varint(head.length + varintSize(size) + size);
  to.copy(head);
  to.varint(size);
  to.byte(0x0a);
  to.varint(valueSize);
  if (to.text(value, valueSize)) return;
  to.at = start;
  writeTextAttribute(to, tag, head, value, Buffer.byteLength(value));
}

function writeNumber(to: ByteWriter, tag: number, head: Uint8Array, value: number | boolean): void {
  to.byte(tag);
  to.at += 1;
  const start = to.at;
  to.copy(head);
  to.at += 1;
  const inner = to.at;
  if (typeof value === 'boolean') {
    to.byte(0x10);
    to.byte(value ? 1 : 0);
  } else if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) {
    to.byte(0x18);
    to.int64(value);
  } else {
    to.byte(0x21);
    to.double(value);
  }
  to.finishLength(inner, 1);
  to.finishLength(start, 1);
}
