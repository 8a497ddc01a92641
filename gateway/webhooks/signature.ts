// The signature of a delivery. Standard Webhooks, GitHub, Stripe and Slack all sign the raw body
// behind a beginning of their own, by HMAC-SHA256 (RFC 2104).
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookKind } from '../../resources/kinds/routes/webhook.ts';
import { joinedField } from '../http/fields.ts';

/** The signature as the headers have it, before anybody has checked it. */
export interface ClaimedSignature {
  /** The signed text in front of the body, one character a byte. */
  readonly before: string;
  /** One that is right is enough. */
  readonly macs: readonly Buffer[];
  /** The signed time, in seconds since 1970; undefined where the sender signs none. */
  readonly seconds: number | undefined;
}

export type UnreadableSignature = 'missing' | 'malformed';

const ID = /^[\x21-\x7e]{1,256}$/;
const SECONDS = /^\d{1,12}$/;
const HEX = /^[0-9a-f]{64}$/i;
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

type SignatureReader = (fields: readonly string[]) => ClaimedSignature | UnreadableSignature;

const readers: Readonly<Record<WebhookKind, SignatureReader>> = {
  // https://www.standardwebhooks.com: of several versions only v1 is a HMAC.
  standard(fields) {
    const brand = brandOf(fields);
    const [id, time, signature] = ['id', 'timestamp', 'signature'].map(name => joinedField(fields, `${brand}-${name}`));
    if (id === undefined || time === undefined || signature === undefined) return 'missing';
    if (!ID.test(id)) return 'malformed';
    const macs = signature.split(' ').flatMap(each => (each.startsWith('v1,') ? each.slice(3) : []));
    return claimed(
      `${id}.${time}.`,
      macs.filter(mac => BASE64.test(mac)).map(mac => Buffer.from(mac, 'base64')),
      time,
    );
  },
  github(fields) {
    const signature = joinedField(fields, 'x-hub-signature-256');
    if (signature === undefined) return 'missing';
    return claimed('', signature.startsWith('sha256=') ? fromHex([signature.slice(7)]) : []);
  },
  // `t=1492774577,v1=5257…,v1=8c1f…,v0=…`: v0 is for tests, and no signature of a real event.
  stripe(fields) {
    const header = joinedField(fields, 'stripe-signature');
    if (header === undefined) return 'missing';
    const values = (name: string) =>
      header.split(',').flatMap(part => (part.trim().startsWith(`${name}=`) ? part.trim().slice(name.length + 1) : []));
    const [time = '', ...further] = values('t');
    return further.length > 0 ? 'malformed' : claimed(`${time}.`, fromHex(values('v1')), time);
  },
  slack(fields) {
    const time = joinedField(fields, 'x-slack-request-timestamp');
    const signature = joinedField(fields, 'x-slack-signature');
    if (time === undefined || signature === undefined) return 'missing';
    return claimed(`v0:${time}:`, signature.startsWith('v0=') ? fromHex([signature.slice(3)]) : [], time);
  },
};

export function readSignature(kind: WebhookKind, fields: readonly string[]): ClaimedSignature | UnreadableSignature {
  return readers[kind](fields);
}

/** The first word of the headers of Standard Webhooks. Svix, where they come from, has its own. */
export function brandOf(fields: readonly string[]): 'webhook' | 'svix' {
  return joinedField(fields, 'webhook-signature') === undefined ? 'svix' : 'webhook';
}

/** Whether one of the keys makes one of the signatures over `body`. */
export function isSigned({ before, macs }: ClaimedSignature, keys: readonly Buffer[], body: Buffer): boolean {
  return keys.some(key => {
    const right = createHmac('sha256', key).update(before, 'latin1').update(body).digest();
    return macs.some(mac => timingSafeEqual(mac, right));
  });
}

/** Whether the signed time is at most `toleranceMs` before or behind `now`. */
export function isInTime({ seconds }: ClaimedSignature, now: number, toleranceMs: number): boolean {
  return seconds === undefined || Math.abs(Math.floor(now / 1000) - seconds) * 1000 <= toleranceMs;
}

function claimed(before: string, macs: readonly Buffer[], time?: string): ClaimedSignature | UnreadableSignature {
  if (macs.length === 0 || (time !== undefined && !SECONDS.test(time))) return 'malformed';
  return { before, macs, seconds: time === undefined ? undefined : Number(time) };
}

function fromHex(texts: readonly string[]): Buffer[] {
  return texts.filter(text => HEX.test(text)).map(text => Buffer.from(text, 'hex'));
}
