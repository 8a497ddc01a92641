// The rules that every attribute obeys, whatever the content mode (CloudEvents 1.0.2, "Type
// System" and "Attribute Naming").
import { invalidEvent } from './invalid-event.ts';
import { isMediaType } from './media-type.ts';
import { isRfc3339 } from './rfc3339.ts';

const NAME = /^[a-z0-9]+$/;
/**
 * Control characters and Unicode noncharacters; a string attribute must not contain them,
 * nor half a surrogate pair.
 */
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f]|\p{Noncharacter_Code_Point}|\p{Surrogate}/u;
/** A quick first look: only a string outside printable ASCII needs the full check. */
const SUSPICIOUS = /[^ -~]/;
const MIN_INT = -(2 ** 31);
const MAX_INT = 2 ** 31 - 1;

export function isAttributeName(name: string): boolean {
  return NAME.test(name) && name !== 'data';
}

/** Refuses strings that no attribute may hold; `maxLength` counts UTF-16 code units. */
export function checkString(attribute: string, value: string, maxLength: number, where = ''): void {
  if (value.length > maxLength) throw invalidEvent(attribute, `is longer than ${maxLength} characters.`, where);
  if (SUSPICIOUS.test(value) && FORBIDDEN.test(value)) {
    throw invalidEvent(attribute, 'contains control or other characters that CloudEvents forbids.', where);
  }
}

/** Checks what is special about one named attribute; `value` is already known to be a string. */
export function checkNamed(attribute: string, value: string, where = ''): void {
  switch (attribute) {
    case 'specversion':
      if (value !== '1.0') {
        throw invalidEvent(attribute, `must be 1.0, not ${JSON.stringify(value.slice(0, 20))}.`, where);
      }
      return;
    case 'time':
      if (!isRfc3339(value)) {
        throw invalidEvent(attribute, 'must be an RFC 3339 timestamp such as 2026-01-31T12:00:00Z.', where);
      }
      return;
    case 'datacontenttype':
      if (!isMediaType(value)) {
        throw invalidEvent(attribute, 'must be a media type such as application/json.', where);
      }
      return;
    case 'id':
    case 'source':
    case 'type':
    case 'subject':
    case 'dataschema':
      if (value === '') throw invalidEvent(attribute, 'must not be empty.', where);
  }
}

/** Whether an extension of the JSON format has one of the types that CloudEvents knows. */
export function isExtensionValue(value: unknown): value is string | number | boolean {
  if (typeof value === 'string' || typeof value === 'boolean') return true;
  return typeof value === 'number' && Number.isInteger(value) && value >= MIN_INT && value <= MAX_INT;
}
