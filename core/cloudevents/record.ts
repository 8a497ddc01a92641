// Events as records of the log and back (CloudEvents Kafka protocol binding 1.0.2), and as HTTP
// messages straight from a record.

import { parseExactly } from '../units/whole-numbers.ts';
import { toTimestamp } from '../world.ts';
import { isAttributeName } from './attributes.ts';
import { type CloudEvent, defaultEventLimits, type ParseJson } from './cloud-event.ts';
import { decodeData } from './decode-binary.ts';
import { decodeStructured } from './decode-json.ts';
import { encodeData } from './encode.ts';
import { encodeHeaderValue } from './header-value.ts';
import { invalidEvent } from './invalid-event.ts';
import { essenceOf, isJsonType, STRUCTURED_TYPE } from './media-type.ts';

/** The part of a log record that belongs to its event; records that are read have more. */
export interface EventRecord {
  readonly value: Uint8Array;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Stand-ins for the attributes of a record that is no CloudEvent. Topics of other owners hold such
 * records.
 */
export interface PlainRecord {
  readonly source: string;
  readonly type: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

export interface HttpMessage {
  /** Name (lower case) and value in turn. */
  readonly headers: string[];
  readonly body: Buffer;
}

const CONTENT_TYPE = 'content-type';
const EMPTY = Buffer.alloc(0);

/**
 * Header of a record of a topic of others that could not be read: why. A reader that asks for its
 * event gets this reason; the record's bytes stay as they came.
 */
export const UNREADABLE_HEADER = 'tenfold-unreadable';

/**
 * The record of an event in binary mode. `body`: the data as it came, where that is
 * known; it is not encoded again.
 */
export function toRecord(
  event: CloudEvent,
  key: string | null,
  body?: Uint8Array,
): { readonly key: string | null; readonly value: Uint8Array; readonly headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  for (const name of Object.keys(event)) {
    const value = event[name];
    if (name === 'data' || name === 'datacontenttype' || value === undefined || value === null) continue;
    headers[`ce_${name}`] = typeof value === 'string' ? value : String(value);
  }
  const { data } = event;
  const bytes = data instanceof Uint8Array;
  const type = event.datacontenttype ?? (data === undefined || bytes ? undefined : 'application/json');
  if (type !== undefined) headers[CONTENT_TYPE] = type;
  if (body !== undefined) return { key, value: body, headers };
  const encoded = data === undefined ? EMPTY : encodeData(data, type);
  return { key, value: typeof encoded === 'string' ? Buffer.from(encoded) : encoded, headers };
}

/**
 * The event in a record. Without `plain` a record that is no CloudEvent is
 * refused with `invalid-event`.
 */
export function fromRecord(record: EventRecord, plain?: PlainRecord, parse?: ParseJson): CloudEvent {
  const { headers } = record;
  assertReadable(headers);
  const contentType = headers[CONTENT_TYPE];
  const value = toBuffer(record.value);
  if (isStructured(headers)) return decodeStructured(value, defaultEventLimits, parse);
  if (headers['ce_specversion'] === undefined) {
    if (plain === undefined) throw invalidEvent('specversion', 'is missing: the record is no CloudEvent.');
    return fromRecord(asEvent(record, plain), undefined, parse);
  }
  const event = attributesOf(headers);
  if (contentType !== undefined) event.datacontenttype = contentType;
  if (value.length > 0) event.data = decodeData(contentType, value, parse);
  return event;
}

/** The same for expressions: its data has every digit, as `parseExactly` reads it. */
export function exactFromRecord(record: EventRecord, plain?: PlainRecord): CloudEvent {
  return fromRecord(record, plain, parseExactly);
}

/** The attributes in the headers of a record in binary mode, without a look at its data. */
export function attributesOf(headers: EventRecord['headers']): CloudEvent {
  assertReadable(headers);
  const { ce_specversion: version, ce_id: id, ce_source: source, ce_type: type } = headers;
  if (version !== '1.0') throw invalidEvent('specversion', 'must be 1.0.');
  if (!id) throw invalidEvent('id', 'is required.');
  if (!source) throw invalidEvent('source', 'is required.');
  if (!type) throw invalidEvent('type', 'is required.');
  const event: CloudEvent = { specversion: '1.0', id, source, type };
  for (const header in headers) {
    if (!header.startsWith('ce_')) continue;
    const name = header.slice(3);
    if (name === 'id' || name === 'source' || name === 'type' || name === 'specversion' || !isAttributeName(name))
      continue;
    event[name] = headers[header];
  }
  return event;
}

/**
 * The bytes of the event's data as they stand in the record; undefined where they
 * stand among its attributes.
 */
export function dataBytesOf({ headers, value }: EventRecord): Uint8Array | undefined {
  return headers['ce_specversion'] === undefined || isStructured(headers) ? undefined : value;
}

/**
 * Whether the record carries its event in structured mode: attributes and
 * data together in the value.
 */
export function isStructured(headers: EventRecord['headers']): boolean {
  const contentType = headers[CONTENT_TYPE];
  return (
    contentType !== undefined &&
    contentType.length >= STRUCTURED_TYPE.length &&
    essenceOf(contentType) === STRUCTURED_TYPE
  );
}

/**
 * The HTTP message that carries the record's event, without parsing it: header
 * for header, data as it is.
 */
export function toHttpMessage(record: EventRecord, plain?: PlainRecord): HttpMessage {
  const { headers } = record;
  assertReadable(headers);
  const body = toBuffer(record.value);
  const contentType = headers[CONTENT_TYPE];
  if (contentType !== undefined && isStructured(headers)) return { headers: [CONTENT_TYPE, contentType], body };
  if (headers['ce_specversion'] === undefined && plain !== undefined) {
    return toHttpMessage(asEvent(record, plain));
  }
  const fields: string[] = [];
  for (const header in headers) {
    if (!header.startsWith('ce_')) continue;
    const name = header.slice(3);
    // A name that is none could hold a line break; and some write the content type a second time.
    if (!isAttributeName(name) || name === 'datacontenttype') continue;
    fields.push(`ce-${name}`, encodeHeaderValue(name, headers[header] ?? ''));
  }
  if (contentType !== undefined && isFieldValue(contentType)) fields.push(CONTENT_TYPE, contentType);
  return { headers: fields, body };
}

/**
 * The event as text of the JSON format, for a batch. JSON data is checked, and
 * goes in as it is written.
 */
export function toJsonText(record: EventRecord, plain?: PlainRecord): string {
  const value = toBuffer(record.value);
  assertReadable(record.headers);
  if (isStructured(record.headers)) {
    decodeStructured(value, defaultEventLimits);
    return value.toString('utf8');
  }
  const { headers } = record;
  if (headers['ce_specversion'] === undefined && plain !== undefined) return toJsonText(asEvent(record, plain));
  const contentType = headers[CONTENT_TYPE];
  const attributes = attributesOf(headers);
  if (contentType !== undefined) attributes.datacontenttype = contentType;
  const text = JSON.stringify(attributes);
  if (value.length === 0) return text;
  const data = decodeData(contentType, value);
  if (data instanceof Uint8Array) return `${text.slice(0, -1)},"data_base64":"${value.toString('base64')}"}`;
  const json = isJsonType(contentType ?? '') ? value.toString('utf8') : JSON.stringify(data);
  return `${text.slice(0, -1)},"data":${json}}`;
}

/**
 * Stands for a record that could not be read: its bytes, identified by its position. Undefined for
 * every other.
 */
export function bytesEventOf({ headers, value }: EventRecord, plain: PlainRecord): CloudEvent | undefined {
  if (headers[UNREADABLE_HEADER] === undefined) return undefined;
  return fromRecord(asEvent({ value, headers: { [CONTENT_TYPE]: 'application/octet-stream' } }, plain));
}

/** A record is identified by its position. */
function asEvent(record: EventRecord, plain: PlainRecord): EventRecord {
  return {
    value: record.value,
    headers: {
      ce_specversion: '1.0',
      ce_id: `${plain.partition}-${plain.offset}`,
      ce_source: plain.source,
      ce_type: plain.type,
      ce_time: toTimestamp(plain.timestamp),
      [CONTENT_TYPE]: plainType(record),
    },
  };
}

function plainType({ headers, value }: EventRecord): string {
  const declared = headers[CONTENT_TYPE] ?? 'application/json';
  if (!isJsonType(declared)) return declared;
  try {
    decodeData(declared, toBuffer(value));
    return declared;
  } catch {
    return 'application/octet-stream';
  }
}

/** Throws `invalid-event` for a record that could not be read where it came in. */
function assertReadable(headers: EventRecord['headers']): void {
  const why = headers[UNREADABLE_HEADER];
  if (why !== undefined) throw invalidEvent('event', `cannot be read: ${why}`);
}

/** The characters that an HTTP field may have. */
function isFieldValue(text: string): boolean {
  return /^[\t -~\u0080-\u00ff]*$/.test(text);
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
