// How an event that was published twice is known: by its source and id, as far as it says the same.
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { SAME_HEADER } from '../wire.ts';
import { defaultEventLimits } from './cloud-event.ts';
import { decodeStructured } from './decode-json.ts';
import { encodeData } from './encode.ts';
import { type EventRecord, isStructured } from './record.ts';

/**
 * Equal for two records of one event: source, id, type, subject and data are the same, whatever
 * their times. The same id with other data is another event. Undefined for a record that is no
 * event: that is known by its place alone.
 */
export function sameEventOf(record: EventRecord): string | undefined {
  const { headers, value } = record;
  const known = headers[SAME_HEADER];
  if (known !== undefined) return known;
  if (isStructured(headers)) return ofStructured(value);
  const { ce_id: id, ce_source: source, ce_type: type = '', ce_subject: subject = '' } = headers;
  if (!id || !source) return undefined;
  return print(source, id, type, subject, value);
}

/**
 * The same for an event that was made from another one: `how` names its maker and its number among
 * those made. Its content may differ from time to time.
 */
export function madeOfSame(same: string, how: string): string {
  return hash('sha1', `${same}\n${how}`, 'base64url');
}

/** Source and id alone. */
export function eventNameOf({ source, id }: { readonly source: string; readonly id: string }): string {
  return `${source.length} ${source} ${id}`;
}

/**
 * The rest of the event's content: two events that differ in it are not the same, although their
 * names are.
 */
export function eventContentOf({ value, headers }: EventRecord): string {
  return hash('sha1', `${headers['ce_type']}\n${headers['ce_subject'] ?? ''}\n${hash('sha1', value)}`, 'base64url');
}

function ofStructured(value: Uint8Array): string | undefined {
  try {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const { source, id, type, subject = '', data, datacontenttype } = decodeStructured(bytes, defaultEventLimits);
    const encoded = data === undefined ? '' : encodeData(data, datacontenttype);
    return print(source, id, type, subject, typeof encoded === 'string' ? Buffer.from(encoded) : encoded);
  } catch {
    return undefined;
  }
}

function print(source: string, id: string, type: string, subject: string, value: Uint8Array): string {
  // Lengths, so that no two events have one text.
  const name = `${source.length} ${id.length} ${type.length} ${source} ${id} ${type} ${subject}`;
  return hash('sha1', `${name}\n${value.length} ${crc32(value)}`, 'base64url');
}
