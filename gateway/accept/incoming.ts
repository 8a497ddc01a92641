// Finds the events in a request: CloudEvents in any content mode, or a plain body
// that becomes the data of one.
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { defaultEventLimits } from '../../core/cloudevents/cloud-event.ts';
import { contentModeOf } from '../../core/cloudevents/decode.ts';
import { decodeBinary } from '../../core/cloudevents/decode-binary.ts';
import { decodeStructured, toEvent } from '../../core/cloudevents/decode-json.ts';
import { isJsonType, isMediaType } from '../../core/cloudevents/media-type.ts';
import { joinOrigins, originOf, withOrigin } from '../../core/cloudevents/origins.ts';
import { SentData } from '../../core/cloudevents/sent-data.ts';
import { wrapData } from '../../core/cloudevents/wrap.ts';
import { TenfoldError } from '../../core/errors.ts';
import { ORIGIN_HEADER } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import { fieldOf } from '../http/fields.ts';
import { parseJson, refuseDeep, refusePrototype } from '../http/parse-json.ts';

/** The event that a plain body becomes. */
export interface Envelope {
  readonly type: string;
  readonly source: string;
  readonly subject?: string | undefined;
}

export interface Incoming {
  readonly event: CloudEvent;
  /** The data as it was sent; undefined where it can be written as it was read. */
  readonly body: Buffer | undefined;
}

/** One entry for each event of a batch: the event, or why there is none. */
export type BatchEntry = Incoming | { readonly id: string; readonly error: unknown };

export type IncomingMode = 'single' | 'batch';

/**
 * Whether a request holds one event or a list of them; refuses what neither can be read nor kept.
 */
export function modeOf(headers: readonly string[]): IncomingMode {
  const encoding = fieldOf(headers, 'content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new TenfoldError('unsupported-media-type', 'The body must not be compressed here.');
  }
  return contentModeOf(headers) === 'batched' ? 'batch' : 'single';
}

export function readOne(headers: readonly string[], body: Buffer, envelope: () => Envelope, world: World): Incoming {
  const mode = contentModeOf(headers);
  if (mode === 'structured') {
    refuseDeep(body);
    const event = decodeStructured(body, defaultEventLimits);
    refusePrototype(body, event);
    return { event: withBelievedOrigin(event, headers), body: new SentData(body).of(event) };
  }
  const contentType = fieldOf(headers, 'content-type');
  const json = isJsonType(contentType ?? 'application/json');
  if (json) refuseDeep(body);
  if (mode === 'binary') {
    const event = decodeBinary(headers, body, defaultEventLimits);
    if (json) refusePrototype(body, event.data);
    return { event: withBelievedOrigin(event, headers), body };
  }
  if (contentType !== undefined && !isMediaType(contentType)) {
    throw new TenfoldError('unsupported-media-type', 'The Content-Type is no media type, such as application/json.');
  }
  const { subject, ...rest } = envelope();
  const event = wrapData(contentType, body, rest, world);
  if (json) refusePrototype(body, event.data);
  const wrapped = subject === undefined ? event : { ...event, subject };
  return { event: withBelievedOrigin(wrapped, headers), body };
}

/**
 * Only our own endpoints believe the origins that an event claims, and they say so. Otherwise
 * anybody could keep changes from legacy.
 */
function withBelievedOrigin(event: CloudEvent, headers: readonly string[]): CloudEvent {
  const carried = fieldOf(headers, ORIGIN_HEADER);
  return withOrigin(event, carried === undefined ? undefined : joinOrigins(originOf(event), carried));
}

/** The events of a batch; one that is no event does not stop the others. */
export function readBatch(headers: readonly string[], body: Buffer): BatchEntry[] {
  const list = parseJson(body);
  if (!Array.isArray(list)) throw new TenfoldError('invalid-event', 'A batch must be a JSON array of events.');
  const { maxBatch } = defaultEventLimits;
  if (list.length > maxBatch) {
    throw new TenfoldError('body-too-large', `The batch has ${list.length} events; at most ${maxBatch} are taken.`);
  }
  const sent = new SentData(body);
  return list.map((entry, index): BatchEntry => {
    try {
      const event = toEvent(entry, defaultEventLimits, `event ${index + 1} of the batch`);
      return { event: withBelievedOrigin(event, headers), body: sent.of(event, index) };
    } catch (error) {
      return { id: idOf(entry), error };
    }
  });
}

function idOf(entry: unknown): string {
  const id = typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : undefined;
  return typeof id === 'string' ? id.slice(0, 256) : '';
}
