// The step that takes a delivery of a webhook: checks its signature over the raw body, and makes it
// an event that the target then takes once.
import { hash } from 'node:crypto';
import { encodeHeaderValue } from '../../core/cloudevents/header-value.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { WebhookKind } from '../../resources/kinds/routes/webhook.ts';
import type { EnvelopeOf } from '../accept/envelope.ts';
import { modeOf } from '../accept/incoming.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { IntakeShare } from '../exchange/intake.ts';
import { readCallBody } from '../exchange/read-call-body.ts';
import type { Step } from '../exchange/step.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import { readDeliveredBody } from './delivered-body.ts';
import { type DeliveredEvent, readDelivery } from './delivery.ts';
import { type ClaimedSignature, isInTime, isSigned, readSignature } from './signature.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface TakeDeliveryOptions {
  readonly kind: WebhookKind;
  readonly keys: SigningKeys;
  readonly toleranceMs: number;
  readonly maxBody: number;
  readonly intake: IntakeShare;
  /** Name of the Api. */
  readonly realm: string;
  /** As the route declares it, with its defaults. */
  readonly envelope: EnvelopeOf;
  /** Whether the route itself says what the type and the subject are. */
  readonly declares: { readonly type: boolean; readonly subject: boolean };
}

/** Why a delivery is refused. All get the same answer; the access log and the metrics tell. */
const REASONS = {
  missing: 'auth.missing',
  malformed: 'webhook.malformed',
  wrong: 'webhook.signature',
  time: 'webhook.time',
} as const;

export function takeDelivery(options: TakeDeliveryOptions): Step {
  const { kind, keys, toleranceMs, maxBody, intake, realm } = options;

  const refuse = (exchange: Exchange, fault: keyof typeof REASONS) => {
    exchange.response.addFields('www-authenticate', `Webhook realm="${realm}"`);
    const message = 'The request is not signed as this address asks for.';
    exchange.fail(new TenfoldError('unauthenticated', message, { reason: REASONS[fault] }));
  };

  const isSignedByUs = (signature: ClaimedSignature, body: Buffer) => {
    const known = keys.current();
    if (isSigned(signature, known, body)) return true;
    const renewed = keys.renewed();
    return renewed !== known && isSigned(signature, renewed, body);
  };

  const take = async (exchange: Exchange, signature: ClaimedSignature) => {
    const held = await readCallBody(exchange, maxBody, intake);
    try {
      if (exchange.ended) return;
      if (!isSignedByUs(signature, held.bytes)) return refuse(exchange, 'wrong');
      if (!isInTime(signature, exchange.world.now(), toleranceMs)) return refuse(exchange, 'time');
      accept(exchange, options, signature, held.bytes);
    } finally {
      // From here on the target counts them.
      held.release();
    }
  };

  return exchange => {
    const { method, fields } = exchange.request.head;
    if (method !== 'POST') return refuseMethod(exchange, ['POST']);
    const signature = readSignature(kind, fields);
    if (typeof signature === 'string') return refuse(exchange, signature);
    if (keys.current().length === 0 && keys.renewed().length === 0) {
      const message = 'There is no secret that the signature can be checked with.';
      throw new TenfoldError('auth-unavailable', message, { retryAfterSeconds: 10 });
    }
    return take(exchange, signature);
  };
}

/** Nothing but what the signature covers, and the sender's id, goes on from here. */
function accept(exchange: Exchange, options: TakeDeliveryOptions, { seconds }: ClaimedSignature, raw: Buffer): void {
  const { kind } = options;
  const { request } = exchange;
  const { fields } = request.head;
  // Signed or not, what is compressed would be stored as bytes that nobody reads.
  modeOf(fields);
  const { contentType, bytes, data, message } = readDeliveredBody(kind, fields, raw);
  const delivered = readDelivery(kind, { fields, raw, message, seconds, now: exchange.world.now() });
  if (delivered === 'ping') exchange.respond(204, []);
  else if ('challenge' in delivered) {
    exchange.respond(200, ['content-type', 'text/plain; charset=utf-8'], delivered.challenge);
  } else {
    request.parsedBody = data;
    request.setBody(bytes);
    request.headers = toFields(delivered, options, exchange, contentType, bytes.length);
  }
}

function toFields(
  delivered: DeliveredEvent,
  { envelope, declares }: TakeDeliveryOptions,
  exchange: Exchange,
  contentType: string,
  length: number,
): string[] {
  const { id, time } = delivered;
  const made = envelope(exchange);
  const type = declares.type ? made.type : (delivered.type ?? made.type);
  const subject = declares.subject ? made.subject : delivered.subject;
  const attributes = Object.entries({ id, type, source: made.source, subject, time });
  const fields = attributes.flatMap(([name, value]) =>
    value === undefined ? [] : [`ce-${name}`, encodeHeaderValue(name, value)],
  );
  // A Topic knows a repeat by source and id, a Queue by this.
  const key = hash('sha256', `${made.source}\n${id}`);
  fields.push('ce-specversion', '1.0', 'idempotency-key', key);
  return [...fields, 'content-type', contentType, 'content-length', String(length)];
}
