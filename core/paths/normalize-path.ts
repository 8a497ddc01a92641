// Brings a request path into the one form that is both matched and forwarded, or refuses it.
import { TenfoldError } from '../errors.ts';

/**
 * Nothing in it needs a second look: segments of unreserved and sub-delim characters, none empty,
 * none beginning with a dot.
 */
const PLAIN = /^(?:\/[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@-]*)*\/?$/;
const ALLOWED = /^[A-Za-z0-9._~!$&'()*+,;=:@/%-]*$/;
const UNRESERVED = /[A-Za-z0-9._~-]/;

/**
 * RFC 3986 §6.2.2: upper-case hex, unreserved characters decoded. Dot segments, empty segments,
 * backslashes, control characters, broken escapes and invalid UTF-8 get 400 instead of a guess. So
 * no two servers can read one path in two ways.
 */
export function normalizePath(path: string): string {
  if (PLAIN.test(path)) return path;
  if (!ALLOWED.test(path)) throw refuse('it contains a character that must be percent-encoded');
  const normal = path.replace(/%(..?)?/g, (escaped, hex: string | undefined) => {
    if (hex === undefined || !/^[0-9A-Fa-f]{2}$/.test(hex)) throw refuse('a % is not followed by two hex digits');
    const code = Number.parseInt(hex, 16);
    if (code < 0x20 || code === 0x7f) throw refuse('it contains an encoded control character');
    if (code === 0x5c) throw refuse('it contains an encoded backslash');
    const character = String.fromCharCode(code);
    return UNRESERVED.test(character) ? character : escaped.toUpperCase();
  });
  for (const segment of normal.split('/').slice(1, -1)) {
    if (segment === '') throw refuse('it contains an empty segment (//)');
  }
  if (/(?:\/|%2F)\.{1,2}(?:[/;]|%2F|%3B|$)/.test(normal)) throw refuse('it contains a . or .. segment');
  try {
    decodeURIComponent(normal);
  } catch {
    throw refuse('its escapes are not UTF-8');
  }
  return normal;
}

function refuse(reason: string): TenfoldError {
  return new TenfoldError('bad-request', `The request path is refused: ${reason}.`);
}
