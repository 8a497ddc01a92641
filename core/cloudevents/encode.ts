// Encodes events as HTTP messages in binary, structured and batched mode
// (CloudEvents HTTP binding 1.0.2, §3).
import { toExactText } from '../units/whole-numbers.ts';
import type { CloudEvent } from './cloud-event.ts';
import { encodeHeaderValue } from './header-value.ts';
import { BATCH_TYPE, isJsonType, STRUCTURED_TYPE } from './media-type.ts';

type WriteJson = (value: unknown) => string | undefined;

export interface EncodedEvent {
  /** A flat list of lower-case names and values, as Node's `writeHead` and undici take it. */
  readonly headers: string[];
  /** Undefined when the event has no data. */
  readonly body: string | Buffer | undefined;
}

/** `write`: of data that are no bytes and no text. */
export function encodeBinary(event: CloudEvent, write?: WriteJson): EncodedEvent {
  const headers: string[] = [];
  for (const name of Object.keys(event)) {
    const value = event[name];
    if (name === 'data' || name === 'datacontenttype' || value === undefined || value === null) continue;
    headers.push(`ce-${name}`, encodeHeaderValue(name, typeof value === 'string' ? value : String(value)));
  }
  const { data } = event;
  const contentType = event.datacontenttype ?? (data === undefined || isBytes(data) ? undefined : 'application/json');
  if (contentType !== undefined) headers.push('content-type', contentType);
  return { headers, body: data === undefined ? undefined : encodeData(data, contentType, write) };
}

export function encodeStructured(event: CloudEvent): EncodedEvent {
  return { headers: ['content-type', `${STRUCTURED_TYPE}; charset=utf-8`], body: toExactText(toJsonFormat(event)) };
}

export function encodeBatch(events: readonly CloudEvent[]): EncodedEvent {
  return { headers: ['content-type', `${BATCH_TYPE}; charset=utf-8`], body: toExactText(events.map(toJsonFormat)) };
}

/** The event as the JSON format writes it: bytes go to `data_base64`. */
export function toJsonFormat(event: CloudEvent): Record<string, unknown> {
  if (!isBytes(event.data)) return event;
  const { data, ...attributes } = event;
  return { ...attributes, data_base64: toBuffer(data).toString('base64') };
}

export function encodeData(
  data: unknown,
  contentType: string | undefined,
  write: WriteJson = toExactText,
): string | Buffer {
  if (isBytes(data)) return toBuffer(data);
  if (typeof data === 'string' && contentType !== undefined && !isJsonType(contentType)) return data;
  return write(data) ?? 'null';
}

function isBytes(data: unknown): data is Uint8Array {
  return data instanceof Uint8Array;
}

function toBuffer(data: unknown): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return data instanceof Uint8Array ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.alloc(0);
}
