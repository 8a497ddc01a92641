// An event that expressions have read or made, as it is checked and written: data as JavaScript
// reads them for a schema, and as text with every digit.
import { toDoubles } from '../units/whole-numbers.ts';
import type { CloudEvent } from './cloud-event.ts';
import { encodeData } from './encode.ts';

export interface SentEvent {
  readonly event: CloudEvent;
  /** Undefined where the data can be written as they stand in the event. */
  readonly body: Uint8Array | undefined;
}

/** `body`: the data as they came, where that is known. */
export function asSent(event: CloudEvent, body: Uint8Array | undefined): SentEvent {
  const data = toDoubles(event.data);
  if (data === event.data) return { event, body };
  return { event: { ...event, data }, body: body ?? Buffer.from(encodeData(event.data, event.datacontenttype)) };
}
