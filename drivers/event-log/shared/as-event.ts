// Makes a record that others wrote an event of ours, in binary mode, or says why it is none. Its
// key, place and time stay what they are.
import { isUtf8 } from 'node:buffer';
import { checkString } from '../../../core/cloudevents/attributes.ts';
import { defaultEventLimits } from '../../../core/cloudevents/cloud-event.ts';
import { decodeData } from '../../../core/cloudevents/decode-binary.ts';
import { essenceOf, isJsonType, isMediaType, STRUCTURED_TYPE } from '../../../core/cloudevents/media-type.ts';
import { attributesOf, fromRecord, isStructured, UNREADABLE_HEADER } from '../../../core/cloudevents/record.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../event-log.ts';
import type { TopicSharing } from './topic-sharing.ts';

/** Extension attribute of the event of a record without a value: what its key stood for is gone. */
const TOMBSTONE_ATTRIBUTE = 'tenfoldtombstone';
const CONTENT_TYPE = 'content-type';

/** The record with the reason why it is no event; its bytes and headers stay. */
export function unreadable(record: LogRecord, why: string): LogRecord {
  return { ...record, headers: { ...record.headers, [UNREADABLE_HEADER]: why } };
}

/**
 * Events stay as they are. Other records become events. `id` comes from partition and offset,
 * `source` and `type` from the Topic, `time` from the timestamp, and `partitionkey` from the key.
 * `datacontenttype` comes from the header `content-type`, else from the look of the value. Other
 * headers stay headers.
 */
export function asEvent(record: LogRecord, partition: number, sharing: TopicSharing): LogRecord {
  const { headers } = record;
  if (headers[UNREADABLE_HEADER] !== undefined) return record;
  try {
    if (isStructured(headers)) {
      fromRecord(record);
      return record;
    }
    const type = headers[CONTENT_TYPE];
    if (type !== undefined && essenceOf(type).startsWith('application/cloudevents'))
      return unreadable(
        record,
        `events come one by one and as ${STRUCTURED_TYPE}, not as ${essenceOf(type).slice(0, 100)}.`,
      );
    if (headers['ce_specversion'] !== undefined) return checkedBinary(record);
    return wrapped(record, partition, sharing);
  } catch (error) {
    return unreadable(record, error instanceof Error ? error.message : String(error));
  }
}

function checkedBinary(record: LogRecord): LogRecord {
  const { headers, isTombstone } = record;
  attributesOf(headers);
  for (const header in headers) {
    if (header.startsWith('ce_'))
      checkString(header.slice(3), headers[header] ?? '', defaultEventLimits.maxAttributeLength);
  }
  return isTombstone ? { ...record, headers: { ...headers, [`ce_${TOMBSTONE_ATTRIBUTE}`]: 'true' } } : record;
}

function wrapped(record: LogRecord, partition: number, { source, type, codec }: TopicSharing): LogRecord {
  const { key, offset, timestamp, value, isTombstone } = record;
  const headers: Record<string, string> = {};
  // Attributes without the version of their specification are none of an event.
  for (const [name, text] of Object.entries(record.headers)) if (!name.startsWith('ce_')) headers[name] = text;
  // It was found by the number of the schema.
  const schema = codec && record.headers['ce_dataschema'];
  if (schema !== undefined) headers['ce_dataschema'] = schema;
  headers['ce_specversion'] = '1.0';
  headers['ce_id'] = `${partition}-${offset}`;
  headers['ce_source'] = source;
  headers['ce_type'] = type;
  // Producers may set none (-1), or one that no date has.
  if (timestamp >= 0 && timestamp <= 253_402_300_799_999) headers['ce_time'] = toTimestamp(timestamp);
  if (key !== null && key !== '' && isAttributeText(key)) headers['ce_partitionkey'] = key;
  if (isTombstone) headers[`ce_${TOMBSTONE_ATTRIBUTE}`] = 'true';
  if (value.byteLength === 0) delete headers[CONTENT_TYPE];
  else headers[CONTENT_TYPE] = contentTypeOf(record);
  return { ...record, headers };
}

function isAttributeText(text: string): boolean {
  try {
    checkString('partitionkey', text, defaultEventLimits.maxAttributeLength);
    return true;
  } catch {
    return false;
  }
}

/**
 * The type that the record declares, if the value holds it; else the type
 * that the value looks like.
 */
function contentTypeOf({ headers, value }: LogRecord): string {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const declared = headers[CONTENT_TYPE];
  if (declared !== undefined && isMediaType(declared) && !isJsonType(declared)) return declared;
  try {
    decodeData('application/json', bytes);
    return declared !== undefined && isJsonType(declared) ? declared : 'application/json';
  } catch {
    return isUtf8(bytes) && !bytes.includes(0) ? 'text/plain' : 'application/octet-stream';
  }
}
