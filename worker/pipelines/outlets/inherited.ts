// The headers that an event inherits from the event that it is made of: its trace and one more hop.
// They also say that it is made again when the other is published twice.
import { madeOfSame, sameEventOf } from '../../../core/cloudevents/same-event.ts';
import { SAME_HEADER } from '../../../core/wire.ts';
import { inheritedHeaders } from '../../deliver/topic-publisher.ts';
import type { FlowItem } from '../flow/item.ts';

/** Throws `loop-detected`. */
export function inherited(item: FlowItem): Record<string, string> {
  const { partition, record } = item.cause;
  const headers = inheritedHeaders({ partition, record, attempt: 1 });
  const same = sameOf(item);
  if (same !== undefined) headers[SAME_HEADER] = same;
  return headers;
}

/**
 * Undefined for an event that goes on as it came, and is known by itself. Undefined, too, for
 * results that no single event has made, such as those of a window.
 */
function sameOf({ event, place, cause: { record } }: FlowItem): string | undefined {
  if (!event.id.endsWith(`/${place}`)) return undefined;
  const same = sameEventOf(record);
  if (same === undefined) return undefined;
  // The id says which step made the event, and of which place. After a repeat its partition and
  // offset are others.
  const step = event.id.slice(0, -place.length);
  return madeOfSame(same, `${step}${place.replace(/^\d+-\d+/, '')}`);
}
