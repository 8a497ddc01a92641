// Makes an event out of a plain body, for endpoints that also take data
// without CloudEvents around it.
import { toTimestamp, type World } from '../world.ts';
import type { CloudEvent } from './cloud-event.ts';
import { decodeData } from './decode-binary.ts';

export interface Envelope {
  readonly source: string;
  readonly type: string;
}

/**
 * The event for `body` as it came; id and time are fresh. Without a content type
 * the body is taken as JSON.
 */
export function wrapData(contentType: string | undefined, body: Buffer, envelope: Envelope, world: World): CloudEvent {
  const type = contentType ?? 'application/json';
  return {
    specversion: '1.0',
    id: world.id(),
    source: envelope.source,
    type: envelope.type,
    time: toTimestamp(world.now()),
    datacontenttype: type,
    ...(body.length > 0 ? { data: decodeData(type, body) } : {}),
  };
}
