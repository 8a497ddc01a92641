// Spans of an encoder as the body of an OTLP request, in protobuf.
import type { FunctionService } from '../../core/tracing/span.ts';
import { ByteWriter, varintSize } from './byte-writer.ts';
import { resourceOf } from './otlp-resource.ts';
import { type EncodedSpans, writeAttribute, writeText } from './span-encoder.ts';

const RESOURCE_SPANS = 0x0a;
const SCOPE_SPANS = 0x12;
/** The first field of both: the resource, and the scope. */
const FIRST = 0x0a;
const ATTRIBUTE = 0x0a;

/** The body in pieces, which stand after one another: the spans are not copied. */
export function toOtlpRequest(
  encoded: readonly EncodedSpans[],
  resource: Readonly<Record<string, string>>,
  version: string,
): Uint8Array[] {
  return encoded.flatMap(({ service, bytes }) => [headOf(bytes.length, resource, service, version), bytes]);
}

/** Everything before the spans of one service, `length` bytes of them. */
function headOf(
  length: number,
  resource: Readonly<Record<string, string>>,
  service: FunctionService | undefined,
  version: string,
): Uint8Array {
  const scope = message(to => {
    to.reserve(3 * version.length + 64);
    writeText(to, 0x0a, 'tenfold');
    writeText(to, 0x12, version);
  });
  const whose = message(to => writeResource(to, resource, service));
  const inner = 1 + varintSize(scope.length) + scope.length + length;
  const outer = 1 + varintSize(whose.length) + whose.length + 1 + varintSize(inner) + inner;
  return message(to => {
    to.reserve(whose.length + scope.length + 64);
    to.byte(RESOURCE_SPANS);
    to.varint(outer);
    writeBytes(to, FIRST, whose);
    to.byte(SCOPE_SPANS);
    to.varint(inner);
    writeBytes(to, FIRST, scope);
  });
}

function message(write: (to: ByteWriter) => void): Uint8Array {
  const to = new ByteWriter();
  write(to);
  return to.take();
}

function writeBytes(to: ByteWriter, tag: number, bytes: Uint8Array): void {
  to.byte(tag);
  to.varint(bytes.length);
  to.copy(bytes);
}

function writeResource(
  to: ByteWriter,
  own: Readonly<Record<string, string>>,
  service: FunctionService | undefined,
): void {
  for (const [name, value] of Object.entries(resourceOf(own, service))) {
    to.reserve(3 * (name.length + String(value).length) + 64);
    writeAttribute(to, ATTRIBUTE, name, value);
  }
  // No attribute was dropped.
  to.byte(0x10);
  to.byte(0);
}
