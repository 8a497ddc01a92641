// Sessions of the Console: a cookie that no script reads, and a proof that only the page has. The
// cookie carries the sealed token, so every process of an installation can open it.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { TenfoldError } from '../../core/errors.ts';

/**
 * A cookie reaches all ports of a host, so also Functions behind the public listener. It is worth
 * nothing without the proof, which the page sends in this field. Pages of other origins cannot.
 */
const PROOF_HEADER = 'x-tenfold-session';
const LASTS_MS = 12 * 3_600_000;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
/** Browsers drop larger cookies without a word. */
const MOST_COOKIE = 4000;

export interface BegunSession {
  /** The value of `Set-Cookie`. */
  readonly cookie: string;
  readonly proof: string;
  /** RFC 3339. */
  readonly endsAt: string;
}

export interface Sessions {
  begin(token: string, headers: IncomingHttpHeaders): BegunSession;
  /** The value of `Set-Cookie` that makes the browser forget it. */
  end(headers: IncomingHttpHeaders): string;
  /** The token of the session; undefined where there is none that is valid. */
  tokenOf(headers: IncomingHttpHeaders): string | undefined;
}

interface Sealed {
  readonly token: string;
  /** SHA-256 of the proof, base64. */
  readonly proof: string;
  readonly endsMs: number;
}

/** `secret`: all processes of an installation have the same, and their sessions end with it. */
export function createSessions(secret: string, now: () => number): Sessions {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'session of the Tenfold Console', 32));
  return {
    begin(token, headers) {
      const proof = randomBytes(24).toString('base64url');
      const endsMs = now() + LASTS_MS;
      const value = seal(key, { token, proof: digest(proof).toString('base64'), endsMs });
      if (value.length > MOST_COOKIE)
        throw new TenfoldError(
          'invalid-input',
          'This token is too long for a session of a browser. Ask the issuer for one of at most 2,000 characters.',
        );
      const cookie = `${nameFor(headers)}=${value}; Path=/; Max-Age=${LASTS_MS / 1000}; ${attributes(headers)}`;
      return { cookie, proof, endsAt: new Date(endsMs).toISOString() };
    },
    end: headers => `${nameFor(headers)}=; Path=/; Max-Age=0; ${attributes(headers)}`,
    tokenOf(headers) {
      const proof = headers[PROOF_HEADER];
      const value = cookieOf(headers);
      if (typeof proof !== 'string' || value === undefined) return undefined;
      const sealed = open(key, value);
      if (sealed === undefined || sealed.endsMs <= now()) return undefined;
      return timingSafeEqual(digest(proof), Buffer.from(sealed.proof, 'base64')) ? sealed.token : undefined;
    },
  };
}

/** Each port of a host has its own name, so that two platforms do not end each other's sessions. */
function nameFor({ host = '' }: IncomingHttpHeaders): string {
  return `tenfold_console_${/:(\d{1,5})$/.exec(host)?.[1] ?? 'default'}`;
}

function cookieOf(headers: IncomingHttpHeaders): string | undefined {
  const start = `${nameFor(headers)}=`;
  const found = headers.cookie?.split('; ').find(pair => pair.startsWith(start));
  return found?.slice(start.length);
}

/** Behind a proxy with TLS the page's origin tells of it. */
function attributes({ origin }: IncomingHttpHeaders): string {
  return `HttpOnly; SameSite=Strict${origin?.startsWith('https:') ? '; Secure' : ''}`;
}

function seal(key: Buffer, sealed: Sealed): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv);
  const text = Buffer.concat([cipher.update(JSON.stringify(sealed), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
}

function open(key: Buffer, value: string): Sealed | undefined {
  const bytes = Buffer.from(value, 'base64url');
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(text.toString('utf8')) as Sealed;
  } catch {
    // Another key sealed it, or somebody changed it.
    return undefined;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
