// Decodes an HTTP message into its events, whatever the content mode
// (CloudEvents HTTP binding 1.0.2, §3).

import { TenfoldError } from '../errors.ts';
import { parseExactly } from '../units/whole-numbers.ts';
import { type CloudEvent, defaultEventLimits, type EventLimits, type ParseJson } from './cloud-event.ts';
import { decodeBinary } from './decode-binary.ts';
import { decodeBatch, decodeStructured } from './decode-json.ts';
import { BATCH_TYPE, charsetOf, essenceOf, isContentType, STRUCTURED_TYPE } from './media-type.ts';

export type ContentMode = 'binary' | 'structured' | 'batched';

/**
 * The content mode of a message, or undefined when it carries no event. `headers` is a flat
 * list, as Node's `rawHeaders`.
 * An event format other than JSON is an `unsupported-media-type`.
 */
export function contentModeOf(headers: readonly string[]): ContentMode | undefined {
  let binary = false;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string;
    if (name.length === 12) {
      if (!isContentType(name)) continue;
      const mode = jsonMode(headers[index + 1] as string);
      if (mode !== undefined) return mode;
    } else if (name.length === 14 && name.toLowerCase() === 'ce-specversion') binary = true;
  }
  return binary ? 'binary' : undefined;
}

/**
 * Decodes the one event of a message in binary or structured mode; a batch or a message
 * without event is refused.
 */
export function decodeEvent(
  headers: readonly string[],
  body: Buffer,
  limits: EventLimits = defaultEventLimits,
  parse?: ParseJson,
): CloudEvent {
  const mode = contentModeOf(headers);
  // A message without any sign of an event is decoded as binary, so that the error names
  // the header that is missing.
  if (mode === 'binary' || mode === undefined) return decodeBinary(headers, body, limits, parse);
  if (mode === 'structured') return decodeStructured(body, limits, parse);
  throw new TenfoldError(
    'unsupported-media-type',
    'A batch of events came where one event is expected: send them one by one.',
  );
}

/**
 * Decodes all events of a message: one in binary or structured mode, any number in batched mode.
 */
export function decodeEvents(
  headers: readonly string[],
  body: Buffer,
  limits: EventLimits = defaultEventLimits,
  parse?: ParseJson,
): CloudEvent[] {
  return contentModeOf(headers) === 'batched'
    ? decodeBatch(body, limits, parse)
    : [decodeEvent(headers, body, limits, parse)];
}

/** As `decodeEvents` and `decodeEvent`, with every digit of the data: for events that go on. */
export function decodeEventsExactly(headers: readonly string[], body: Buffer): CloudEvent[] {
  return decodeEvents(headers, body, defaultEventLimits, parseExactly);
}

export function decodeEventExactly(headers: readonly string[], body: Buffer): CloudEvent {
  return decodeEvent(headers, body, defaultEventLimits, parseExactly);
}

function jsonMode(contentType: string): ContentMode | undefined {
  if (contentType.length < 23) return undefined;
  const essence = essenceOf(contentType);
  if (!essence.startsWith('application/cloudevents')) return undefined;
  if (essence !== STRUCTURED_TYPE && essence !== BATCH_TYPE) {
    throw new TenfoldError(
      'unsupported-media-type',
      `Events are taken as JSON; ${essence} is not supported. Send ${STRUCTURED_TYPE}.`,
    );
  }
  const charset = charsetOf(contentType);
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw new TenfoldError(
      'unsupported-media-type',
      `Events are taken in UTF-8; the charset ${charset.slice(0, 30)} is not supported.`,
    );
  }
  return essence === STRUCTURED_TYPE ? 'structured' : 'batched';
}
