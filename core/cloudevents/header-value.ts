// Attribute values in HTTP headers: percent-encoded UTF-8 (CloudEvents HTTP
// binding 1.0.2, §3.1.3.2).
import { invalidEvent } from './invalid-event.ts';

/**
 * Everything outside printable ASCII, and the three printable characters that have a
 * meaning: space, `"` and `%`.
 */
const MUST_ENCODE = /[^!#$&-~]/u;
const EACH_TO_ENCODE = /[^!#$&-~]/gu;
const LONE_SURROGATE = /\p{Surrogate}/u;
const ESCAPES = /(?:%[0-9a-fA-F]{2})+/g;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function encodeHeaderValue(attribute: string, value: string): string {
  if (!MUST_ENCODE.test(value)) return value;
  if (LONE_SURROGATE.test(value)) throw invalidEvent(attribute, 'has half a surrogate pair, which UTF-8 cannot carry.');
  return value.replace(EACH_TO_ENCODE, character => {
    let encoded = '';
    for (const byte of Buffer.from(character)) encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    return encoded;
  });
}

/**
 * Undoes double quotes, then one round of percent-encoding. A `%` that starts no escape stays: many
 * senders do not encode it.
 */
export function decodeHeaderValue(attribute: string, value: string): string {
  const bare = value.startsWith('"') && value.endsWith('"') && value.length > 1 ? unquote(value) : value;
  return bare.replace(ESCAPES, run => {
    try {
      return strictUtf8.decode(Buffer.from(run.replaceAll('%', ''), 'hex'));
    } catch {
      throw invalidEvent(attribute, `has percent-encoded bytes that are not UTF-8: ${run.slice(0, 30)}.`);
    }
  });
}

function unquote(value: string): string {
  return value.slice(1, -1).replace(/\\(.)/gs, '$1');
}
