// The body of a delivery: JSON as it came, or a form, which becomes JSON with its raw text beside.

import { isUtf8 } from 'node:buffer';
import { essenceOf, isJsonType } from '../../core/cloudevents/media-type.ts';
import { TenfoldError } from '../../core/errors.ts';
import { parseExactly, toExactText } from '../../core/units/whole-numbers.ts';
import type { WebhookKind } from '../../resources/kinds/routes/webhook.ts';
import { fieldOf } from '../http/fields.ts';
import { parseJson } from '../http/parse-json.ts';

export interface DeliveredBody {
  readonly contentType: string;
  /** Data of the event, byte by byte. */
  readonly bytes: Buffer;
  /** The JSON in it; undefined where it is something else. */
  readonly data: unknown;
  /** The JSON that the sender speaks of: that of a form is its `payload`, or else its fields. */
  readonly message: unknown;
}

/** Data of an event that was sent as a form. */
interface FormData {
  /** JSON of the field `payload`. */
  readonly payload?: unknown;
  /** All other fields; one that came several times has a list. */
  readonly form: Readonly<Record<string, string | readonly string[]>>;
  /** The form as it was sent and signed. */
  readonly body: string;
}

/** Throws `invalid-input` or `unsupported-media-type`. */
export function readDeliveredBody(kind: WebhookKind, fields: readonly string[], raw: Buffer): DeliveredBody {
  const contentType = fieldOf(fields, 'content-type') ?? 'application/json';
  if (isJsonType(contentType)) {
    const data = parseJson(raw, parseExactly);
    return { contentType, bytes: raw, data, message: data };
  }
  // Nothing says how those that keep to the standard write anything but JSON.
  if (kind === 'standard') return { contentType, bytes: raw, data: undefined, message: undefined };
  if (essenceOf(contentType) !== 'application/x-www-form-urlencoded') {
    throw new TenfoldError(
      'unsupported-media-type',
      'A delivery is JSON, or a form with its fields in the URL encoding.',
    );
  }
  const data = readForm(raw);
  const bytes = Buffer.from(toExactText(data));
  return { contentType: 'application/json', bytes, data, message: data.payload ?? data.form };
}

function readForm(raw: Buffer): FormData {
  if (!isUtf8(raw)) throw new TenfoldError('invalid-input', 'The body is not valid UTF-8.');
  const body = raw.toString('utf8');
  const form: Record<string, string | string[]> = Object.create(null);
  let payload: unknown;
  for (const [name, value] of new URLSearchParams(body)) {
    const before = form[name];
    if (name === 'payload' && payload === undefined) payload = parseJson(Buffer.from(value), parseExactly);
    else if (Array.isArray(before)) before.push(value);
    else form[name] = before === undefined ? value : [before, value];
  }
  return { ...(payload === undefined ? {} : { payload }), form, body };
}
