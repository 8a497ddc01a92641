// Decodes events of the JSON format: one (structured content mode) or a
// list (batched content mode).
import { isUtf8 } from 'node:buffer';
import { checkNamed, checkString, isAttributeName, isExtensionValue } from './attributes.ts';
import type { CloudEvent, EventLimits, ParseJson } from './cloud-event.ts';
import { invalidEvent, jsonFaultOf } from './invalid-event.ts';
import { isJsonType } from './media-type.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const REQUIRED = ['specversion', 'id', 'source', 'type'] as const;
const CORE = new Set<string>([...REQUIRED, 'datacontenttype', 'dataschema', 'subject', 'time']);

export function decodeStructured(body: Buffer, limits: EventLimits, parse?: ParseJson): CloudEvent {
  return toEvent(read(body, parse), limits, '', parse);
}

export function decodeBatch(body: Buffer, limits: EventLimits, parse?: ParseJson): CloudEvent[] {
  const list = read(body, parse);
  if (!Array.isArray(list)) throw invalidEvent('batch', 'must be a JSON array of events.');
  if (list.length > limits.maxBatch)
    throw invalidEvent('batch', `has ${list.length} events; at most ${limits.maxBatch} are taken.`);
  return list.map((entry, index) => toEvent(entry, limits, `event ${index + 1} of the batch`, parse));
}

/**
 * The event in a parsed JSON value, which is checked in place and becomes the event;
 * `where` names it in errors.
 */
export function toEvent(value: unknown, limits: EventLimits, where: string, parse?: ParseJson): CloudEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidEvent('event', 'must be a JSON object.', where);
  }
  const members = value as Record<string, unknown>;
  for (const name of REQUIRED) {
    if (members[name] === undefined || members[name] === null) throw invalidEvent(name, 'is required.', where);
  }
  let count = 0;
  for (const name of Object.keys(members)) {
    if (name === 'data' || name === 'data_base64') continue;
    const member = members[name];
    if (!CORE.has(name) && !isAttributeName(name)) {
      throw invalidEvent(name.slice(0, 50), 'is no attribute name: use lower-case letters and digits.', where);
    }
    if (++count > limits.maxAttributes) {
      throw invalidEvent(name, `exceeds the limit of ${limits.maxAttributes} attributes.`, where);
    }
    if (typeof member === 'string') {
      checkString(name, member, limits.maxAttributeLength, where);
      checkNamed(name, member, where);
    } else if (member === null || member === undefined) delete members[name];
    else if (CORE.has(name)) throw invalidEvent(name, 'must be a string.', where);
    else if (!isExtensionValue(member)) {
      throw invalidEvent(name, 'must be a string, a boolean or a 32-bit integer.', where);
    }
  }
  if (members['data_base64'] !== undefined) takeBase64(members, where, parse);
  // Every attribute has been checked just above.
  return members as CloudEvent;
}

function takeBase64(members: Record<string, unknown>, where: string, parse?: ParseJson): void {
  const base64 = members['data_base64'];
  delete members['data_base64'];
  if (base64 === null) return;
  if (members['data'] !== undefined && members['data'] !== null) {
    throw invalidEvent('data', 'and data_base64 exclude each other.', where);
  }
  if (typeof base64 !== 'string' || !BASE64.test(base64)) {
    throw invalidEvent('data_base64', 'must be a Base64 string.', where);
  }
  const bytes = Buffer.from(base64, 'base64');
  const type = members['datacontenttype'];
  members['data'] = typeof type === 'string' && isJsonType(type) ? parseData(bytes, where, parse) : bytes;
}

function parseData(bytes: Buffer, where: string, parse: ParseJson = JSON.parse): unknown {
  try {
    return parse(bytes.toString('utf8'));
  } catch {
    throw invalidEvent('data_base64', 'must hold JSON, as datacontenttype says.', where);
  }
}

function read(body: Buffer, parse: ParseJson = JSON.parse): unknown {
  if (!isUtf8(body)) throw invalidEvent('event', 'is not UTF-8, as JSON must be.');
  try {
    return parse(body.toString('utf8'));
  } catch (cause) {
    throw invalidEvent('event', `is not valid JSON: ${jsonFaultOf(cause)}.`);
  }
}
