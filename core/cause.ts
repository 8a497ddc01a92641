// Why a function failed: for the operator, never for a caller. A function's process seals it with a
// key of its namespace, and the platform opens it.

/** The part of an error that is kept with an event, a job or an item. */
export interface Cause {
  /** Class of the error, such as `TypeError`. */
  readonly name: string;
  readonly message: string;
  /** The first frame in the user's own source, such as `menu.ts:12:9`. */
  readonly at?: string;
  /** Trace id of the attempt. */
  readonly trace?: string;
  /** Version of the function. */
  readonly version?: string;
}

/** `of`: the place in its batch of the event that failed; undefined: the whole call failed. */
export interface PlacedCause {
  readonly of?: number;
  readonly cause: Cause;
}

/** Longest message, characters. */
const MAX_MESSAGE = 1_000;
const MAX_WORD = 100;
const MAX_PLACE = 200;
/** All causes of one answer have this many bytes as JSON: proxies take heads of 8 KiB. */
const MAX_SEALED_BYTES = 4_096;
/** Longer values are not looked at. */
const MAX_TEXT = 8_192;
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Begins each sealed text, so that a later release can change the rest. */
const VERSION = '1.';
const ALGORITHM = 'aes-256-gcm';

/** The same cause within its limits. A text that is cut says how much was left out. */
export function boundedCause({ name, message, at, trace, version }: Cause, most = MAX_MESSAGE): Cause {
  return {
    name: cut(name, MAX_WORD),
    message: cut(message, most),
    ...(at === undefined ? {} : { at: cutPlace(at) }),
    ...(trace === undefined ? {} : { trace: cut(trace, MAX_WORD) }),
    ...(version === undefined ? {} : { version: cut(version, MAX_WORD) }),
  };
}

/** The first causes that there is room for. `key`: 32 bytes. */
export function sealCauses(key: Uint8Array, causes: readonly PlacedCause[]): string {
  // Loaded at first use: it costs a function's cold start 4 ms.
  const { createCipheriv, randomBytes } = process.getBuiltinModule('node:crypto');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  const sealed = [iv, cipher.update(toText(causes), 'utf8'), cipher.final(), cipher.getAuthTag()];
  return VERSION + Buffer.concat(sealed).toString('base64url');
}

/** Empty for a text that was not sealed with this key. */
export function openCauses(key: Uint8Array, sealed: string): readonly PlacedCause[] {
  if (sealed.length > MAX_TEXT || !sealed.startsWith(VERSION) || key.length !== KEY_BYTES) return [];
  const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
  if (bytes.length <= IV_BYTES + TAG_BYTES) return [];
  const { createDecipheriv } = process.getBuiltinModule('node:crypto');
  try {
    const iv = bytes.subarray(0, IV_BYTES);
    const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const open = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    return placedIn(JSON.parse(open.toString('utf8')));
  } catch {
    return [];
  }
}

/** One line for people: `Error: no price for boom at menu.ts:12:9 (trace 4bf9…)`. */
export function causeText({ name, message, at, trace, version }: Cause): string {
  const about = [version === undefined ? '' : `version ${version}`, trace === undefined ? '' : `trace ${trace}`];
  const told = about.filter(word => word !== '').join(', ');
  const first = message === '' ? name : `${name}: ${message}`;
  const text = `${first}${at === undefined ? '' : ` at ${at}`}${told === '' ? '' : ` (${told})`}`;
  // A function has written all of it.
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

function toText(causes: readonly PlacedCause[]): string {
  const texts: string[] = [];
  let bytes = 2;
  for (const { of, cause } of causes) {
    const text = fitting(of, cause);
    bytes += Buffer.byteLength(text) + 1;
    // A cause of an event beyond that comes with its next attempt, which has fewer others.
    if (bytes > MAX_SEALED_BYTES) break;
    texts.push(text);
  }
  return `[${texts.join(',')}]`;
}

/** A message of the longest letters has more bytes than there is room for. */
function fitting(of: number | undefined, cause: Cause): string {
  for (let most = MAX_MESSAGE; ; most = Math.floor(most / 2)) {
    const text = JSON.stringify({ of, cause: boundedCause(cause, most) });
    if (Buffer.byteLength(text) < MAX_SEALED_BYTES - 2 || most < 1) return text;
  }
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).toWellFormed()}… (${text.length - most} more characters)`;
}

/** Its end says the line. */
function cutPlace(at: string): string {
  return at.length <= MAX_PLACE ? at : `…${at.slice(-MAX_PLACE).toWellFormed()}`;
}

function placedIn(value: unknown): readonly PlacedCause[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const { of, cause }: { of?: unknown; cause?: unknown } = Object(entry);
    const known = causeIn(cause);
    if (known === undefined) return [];
    return [typeof of === 'number' ? { of, cause: known } : { cause: known }];
  });
}

/** Undefined for a value that is no cause. Members that this release does not know are left out. */
function causeIn(value: unknown): Cause | undefined {
  const { name, message, at, trace, version }: Partial<Record<keyof Cause, unknown>> = Object(value);
  if (typeof name !== 'string' || typeof message !== 'string') return undefined;
  return {
    name,
    message,
    ...(typeof at === 'string' ? { at } : {}),
    ...(typeof trace === 'string' ? { trace } : {}),
    ...(typeof version === 'string' ? { version } : {}),
  };
}
