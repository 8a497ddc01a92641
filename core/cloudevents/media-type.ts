// How a Content-Type describes an event's data: JSON, text, or bytes (RFC 2046, RFC 6839).

export const STRUCTURED_TYPE = 'application/cloudevents+json';
export const BATCH_TYPE = 'application/cloudevents-batch+json';

/**
 * Whether a header's name is Content-Type, whatever its case; the two usual
 * spellings cost no new string.
 */
export function isContentType(header: string): boolean {
  if (header.length !== 12) return false;
  return header === 'content-type' || header === 'Content-Type' || header.toLowerCase() === 'content-type';
}

const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;

/**
 * The type without parameters, lower-case: `Application/JSON; charset=utf-8` → `application/json`.
 */
export function essenceOf(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

export function isMediaType(contentType: string): boolean {
  return MEDIA_TYPE.test(essenceOf(contentType));
}

export function isJsonType(contentType: string): boolean {
  if (contentType === 'application/json') return true;
  const essence = essenceOf(contentType);
  return essence === 'application/json' || essence === 'text/json' || essence.endsWith('+json');
}

/**
 * Whether the data is text that JavaScript can hold unchanged: any `text/*`
 * in UTF-8 or ASCII, and XML.
 */
export function isTextType(contentType: string): boolean {
  const essence = essenceOf(contentType);
  if (!essence.startsWith('text/') && essence !== 'application/xml' && !essence.endsWith('+xml')) return false;
  const charset = charsetOf(contentType);
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';
}

export function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]?.toLowerCase();
}
