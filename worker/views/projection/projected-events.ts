// The events of a function's answer, which replace the one that it got.

import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { contentModeOf, decodeEventsExactly } from '../../../core/cloudevents/decode.ts';
import { BATCH_TYPE, isJsonType } from '../../../core/cloudevents/media-type.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { parseExactly, toExactText } from '../../../core/units/whole-numbers.ts';
import { type CallAnswer, headerOf } from '../../deliver/caller.ts';

/**
 * Accepts a CloudEvent, a batch of them, or JSON. JSON is the data of an event that otherwise
 * equals the one that the function got, or a list of such data or of CloudEvents. No answer: no
 * events. Throws `invalid-event` for anything else.
 */
export function toProjected(answer: CallAnswer, cause: CloudEvent): CloudEvent[] {
  const { headers, body } = answer;
  if (body.length === 0) return [];
  const mode = contentModeOf(headers);
  if (mode === undefined) {
    const type = headerOf(answer, 'content-type') ?? '';
    if (!isJsonType(type)) {
      throw new TenfoldError(
        'invalid-event',
        'The function that projects has answered with neither an event nor JSON.',
      );
    }
    return ofData(parse(body), cause);
  }
  return decodeEventsExactly(headers, body).flatMap(event =>
    // The SDK puts a returned value that is no event into an event as its data.
    event.type === `${cause.type}.reply` ? ofData(event.data, cause) : event,
  );
}

function ofData(data: unknown, cause: CloudEvent): CloudEvent[] {
  if (data === undefined || data === null) return [];
  if (!Array.isArray(data)) return [{ ...cause, datacontenttype: 'application/json', data }];
  const list: readonly unknown[] = data;
  return list.flatMap((each, index) => {
    if (isEventLike(each)) return decodeEventsExactly(['content-type', BATCH_TYPE], Buffer.from(toExactText([each])));
    return { ...cause, id: `${cause.id}-${index}`, datacontenttype: 'application/json', data: each };
  });
}

function isEventLike(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'specversion' in value && 'source' in value && 'type' in value;
}

function parse(body: Buffer): unknown {
  try {
    return parseExactly(body.toString());
  } catch (cause) {
    throw new TenfoldError('invalid-event', 'The function that projects has answered with JSON that is none.', {
      cause,
    });
  }
}
