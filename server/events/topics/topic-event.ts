// A record of a topic as operators see it: its event, with no more of the data than asked for.
import { isUtf8 } from 'node:buffer';
import type { TopicEvent } from '../../../admin/topic-view.ts';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { encodeData } from '../../../core/cloudevents/encode.ts';
import { isJsonType } from '../../../core/cloudevents/media-type.ts';
import { attributesOf, exactFromRecord, isStructured, UNREADABLE_HEADER } from '../../../core/cloudevents/record.ts';
import { roundedNumberIn } from '../../../core/units/exact-json.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { RecordMasker, ShownRecord } from '../masking/mask-record.ts';

/** Characters of one header or attribute; what is longer is cut, and says so. */
const MAX_VALUE = 2048;
/** The last millisecond that a date has. */
const LAST_TIME = 8_640_000_000_000_000;

interface ReadEvent {
  readonly event: Partial<CloudEvent>;
  readonly contentType?: string | undefined;
  readonly bytes: Buffer;
  readonly unreadable?: string | undefined;
}

/** `mask`: the masker of a Topic whose schema has sensitive fields. */
export function toTopicEvent(
  given: LogRecord,
  partition: number,
  dataBytes: number,
  mask: RecordMasker | undefined,
): TopicEvent {
  const shown: ShownRecord = mask?.show(given) ?? { record: given };
  const { record, masked, notShown } = shown;
  const { event, contentType, bytes, unreadable } = read(record);
  const { specversion: _1, id, source, type, subject, time, data: _2, datacontenttype: _3, ...rest } = event;
  const headers = Object.entries(record.headers).filter(([name]) => isOwnHeader(name));
  const { offset, timestamp, key } = record;
  return {
    partition,
    offset,
    ...(timestamp >= 0 && timestamp <= LAST_TIME ? { appendedAt: toTimestamp(timestamp) } : {}),
    key,
    ...defined({ id, type, source, subject, time, contentType, unreadable, masked, notShown }),
    ...(Object.keys(rest).length === 0 ? {} : { attributes: mapValues(Object.entries(rest), bounded) }),
    ...(headers.length === 0 ? {} : { headers: mapValues(headers, boundedText) }),
    bytes: record === given ? bytes.length : read(given).bytes.length,
    ...(bytes.length === 0 ? {} : dataOf(bytes, contentType, dataBytes)),
  };
}

function read(record: LogRecord): ReadEvent {
  const value = toBuffer(record.value);
  const { headers } = record;
  try {
    if (!isStructured(headers)) {
      return { event: attributesOf(headers), contentType: headers['content-type'], bytes: value };
    }
    const event = exactFromRecord(record);
    const { data, datacontenttype: type } = event;
    const contentType = type ?? (data === undefined ? undefined : 'application/json');
    const encoded = data === undefined ? Buffer.alloc(0) : encodeData(data, contentType);
    return { event, contentType, bytes: typeof encoded === 'string' ? Buffer.from(encoded) : encoded };
  } catch (error) {
    const unreadable = error instanceof Error ? error.message : String(error);
    return { event: {}, contentType: headers['content-type'], bytes: value, unreadable: boundedText(unreadable) };
  }
}

function dataOf(bytes: Buffer, contentType: string | undefined, most: number): Partial<TopicEvent> {
  const isWhole = bytes.length <= most;
  if (isWhole && contentType !== undefined && isJsonType(contentType)) {
    try {
      const text = bytes.toString('utf8');
      // As a text, such numbers keep their digits.
      return roundedNumberIn(text) === undefined ? { data: JSON.parse(text) } : { text };
    } catch {
      // It is shown as the text or the bytes that it is.
    }
  }
  const shown = isWhole ? bytes : bytes.subarray(0, most);
  const truncated = isWhole ? {} : { truncated: true as const };
  const text = textOf(shown, !isWhole);
  if (text !== undefined) return { text, ...truncated };
  return { base64: shown.toString('base64'), ...truncated };
}

/** Undefined for what is no text. `isCut`: the last character may be half there. */
function textOf(bytes: Buffer, isCut: boolean): string | undefined {
  if (bytes.includes(0)) return undefined;
  for (let less = 0; less <= (isCut ? 3 : 0) && less <= bytes.length; less++) {
    const part = bytes.subarray(0, bytes.length - less);
    if (isUtf8(part)) return part.toString('utf8');
  }
  return undefined;
}

function isOwnHeader(name: string): boolean {
  return !name.startsWith('ce_') && name !== 'content-type' && name !== UNREADABLE_HEADER;
}

function bounded(value: unknown): unknown {
  return typeof value === 'string' ? boundedText(value) : value;
}

function boundedText(text: string): string {
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}… (${text.length} characters)`;
}

/** `__proto__` is the name of a header, too. */
function mapValues<V, T>(entries: readonly (readonly [string, V])[], map: (value: V) => T): Record<string, T> {
  return Object.fromEntries(entries.map(([name, value]) => [name, map(value)]));
}

function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
