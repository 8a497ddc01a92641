// Reads a verified delivery: the event that it is, or a question of the sender about the webhook
// itself.
import { hash } from 'node:crypto';
import { isRfc3339 } from '../../core/cloudevents/rfc3339.ts';
import { TenfoldError } from '../../core/errors.ts';
import { toTimestamp } from '../../core/world.ts';
import type { WebhookKind } from '../../resources/kinds/routes/webhook.ts';
import { joinedField } from '../http/fields.ts';
import { brandOf } from './signature.ts';

export interface VerifiedDelivery {
  readonly fields: readonly string[];
  readonly raw: Buffer;
  /** As of `DeliveredBody`. */
  readonly message: unknown;
  /** The signed time; undefined where the sender signs none. */
  readonly seconds: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Attributes of the event; undefined ones are left to the route. */
export interface DeliveredEvent {
  /** The same for each time that the sender sends it. */
  readonly id: string;
  readonly type: string | undefined;
  readonly subject: string | undefined;
  readonly time: string;
}

/** `ping`: the sender tries whether somebody is there. `challenge`: it wants this text back. */
export type Delivered = DeliveredEvent | 'ping' | { readonly challenge: string };

type DeliveryReader = (delivery: VerifiedDelivery) => Delivered;

const readers: Readonly<Record<WebhookKind, DeliveryReader>> = {
  standard: delivery => ({
    id: headerOf(delivery, `${brandOf(delivery.fields)}-id`),
    type: textAt(delivery.message, 'type'),
    subject: undefined,
    time: timeAt(delivery, 'timestamp'),
  }),
  // Types as the CloudEvents adapter for GitHub has them (cloudevents/spec, adapters/github.md).
  github(delivery) {
    const { message } = delivery;
    const event = headerOf(delivery, 'x-github-event');
    if (event === 'ping') return 'ping';
    return {
      id: headerOf(delivery, 'x-github-delivery'),
      type: dotted('com.github', event, textAt(message, 'action')),
      subject: textAt(message, 'repository', 'full_name') ?? textAt(message, 'organization', 'login'),
      time: timeAt(delivery),
    };
  },
  stripe(delivery) {
    const { message } = delivery;
    return {
      id: textAt(message, 'id') ?? lacks('its "id"'),
      type: dotted('com.stripe', textAt(message, 'type')),
      subject: textAt(message, 'data', 'object', 'id') ?? textAt(message, 'related_object', 'id'),
      time: timeAt(delivery, 'created'),
    };
  },
  slack(delivery) {
    const { message, raw, seconds } = delivery;
    const type = textAt(message, 'type');
    if (type === 'url_verification') return { challenge: textAt(message, 'challenge') ?? lacks('its "challenge"') };
    const command = textAt(message, 'command') === undefined ? undefined : 'slash_command';
    return {
      // Slack sends a message without an id once: the same bytes at the same time are a copy.
      id:
        textAt(message, 'event_id') ??
        textAt(message, 'trigger_id') ??
        hash('sha256', `${seconds}\n${hash('sha256', raw)}`),
      type: dotted('com.slack', textAt(message, 'event', 'type') ?? type ?? command),
      subject:
        textAt(message, 'event', 'channel') ??
        textAt(message, 'channel', 'id') ??
        textAt(message, 'channel_id') ??
        textAt(message, 'team_id') ??
        textAt(message, 'team', 'id'),
      time: timeAt(delivery, 'event_time'),
    };
  },
};

/** Throws `bad-request` for one that lacks what it must have. */
export function readDelivery(kind: WebhookKind, delivery: VerifiedDelivery): Delivered {
  return readers[kind](delivery);
}

function headerOf({ fields }: VerifiedDelivery, name: string): string {
  return joinedField(fields, name) || lacks(`the header ${name}`);
}

function lacks(what: string): never {
  throw new TenfoldError('bad-request', `The delivery lacks ${what}.`);
}

/** The time in a member of the message, in seconds or RFC 3339; else the signed one, else now. */
function timeAt({ message, seconds, now }: VerifiedDelivery, member?: string): string {
  const value = member === undefined ? undefined : memberAt(message, [member]);
  if (typeof value === 'string' && isRfc3339(value)) return value;
  const known = typeof value === 'number' && value >= 0 && value <= MAX_SECONDS ? value : seconds;
  return toTimestamp(known === undefined ? now : known * 1000);
}

/** The last second of the year 9999. */
const MAX_SECONDS = 253_402_300_799;

function dotted(beginning: string, ...words: readonly (string | undefined)[]): string | undefined {
  const [first, ...rest] = words.filter(word => word !== undefined);
  return first === undefined ? undefined : [beginning, first, ...rest].join('.');
}

function textAt(message: unknown, ...path: readonly string[]): string | undefined {
  const value = memberAt(message, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function memberAt(message: unknown, path: readonly string[]): unknown {
  let value = message;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}
