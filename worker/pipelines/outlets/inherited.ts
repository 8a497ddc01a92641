// What an event that is made of another inherits of it: its trace, one step more on the way, and that it is made again when the other is published twice.
import { madeOfSame, sameEventOf } from '../../../core/cloudevents/same-event.ts';
import { SAME_HEADER } from '../../../core/wire.ts';
import { inheritedHeaders } from '../../deliver/outlet.ts';
import type { Item } from '../flow/item.ts';

/** Throws `loop-detected`. */
export function inherited(item: Item): Record<string, string> {
  const { partition, record } = item.cause;
  const headers = inheritedHeaders({ partition, record, attempt: 1 });
  const same = sameOf(item);
  if (same !== undefined) headers[SAME_HEADER] = same;
  return headers;
}

/** Undefined for an event that goes on as it came, and is known by itself; and for what no event alone has made, such as the result of a window. */
function sameOf({ event, place, cause: { record } }: Item): string | undefined {
  if (!event.id.endsWith(`/${place}`)) return undefined;
  const same = sameEventOf(record);
  if (same === undefined) return undefined;
  // The id says by which step it was made and of which place, of which partition and offset are others the next time.
  const step = event.id.slice(0, -place.length);
  return madeOfSame(same, `${step}${place.replace(/^\d+-\d+/, '')}`);
}
