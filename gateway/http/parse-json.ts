// Parses JSON of strangers: bounded depth, valid UTF-8, and no member that could reach a prototype.
import type { ParseJson } from '../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../core/errors.ts';

const MAX_DEPTH = 64;

/** Throws `invalid-input`; its message never shows data. */
export function parseJson(bytes: Buffer, parse: ParseJson = JSON.parse): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TenfoldError('invalid-input', 'The body is not valid UTF-8.');
  }
  refuseDeep(bytes);
  let data: unknown;
  try {
    data = parse(text);
  } catch {
    throw new TenfoldError('invalid-input', 'The body is not valid JSON.');
  }
  refusePrototype(bytes, data);
  return data;
}

/**
 * Throws `invalid-input` for JSON text that is nested too deeply; to be asked before it is parsed.
 */
export function refuseDeep(bytes: Buffer): void {
  if (isDeeperThan(bytes, MAX_DEPTH)) {
    throw new TenfoldError('invalid-input', `The body is nested more than ${MAX_DEPTH} levels deep.`);
  }
}

/**
 * Throws `invalid-input` when `data`, parsed from `bytes`, has a member
 * that could reach a prototype.
 */
export function refusePrototype(bytes: Buffer, data: unknown): void {
  // An escape may spell the name in another way; only then each member has to be looked at.
  if ((bytes.includes('__proto__') || bytes.includes('\\u')) && hasPrototypeMember(data)) {
    throw new TenfoldError('invalid-input', 'The body has a member "__proto__", which no program should be given.');
  }
}

/** Counts brackets outside of strings; the parser finds texts that are no JSON. */
function isDeeperThan(bytes: Buffer, most: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inString) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > most) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}

function hasPrototypeMember(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, '__proto__')) return true;
  return Object.values(value).some(hasPrototypeMember);
}
