// A new event that a person sent again: extension attributes that name the event it repeats.
import type { CloudEvent } from './cloud-event.ts';
import type { EventRecord } from './record.ts';

/** The `id` and the `source` of the event that it repeats. */
const ID = 'tenfoldrepeatsid';
const SOURCE = 'tenfoldrepeatssource';
/** The place of that event: `orders@3:17` is offset 17 of partition 3 of the Topic `orders`. */
const AT = 'tenfoldrepeatsat';

/** The event that another one repeats. */
export interface RepeatedEvent {
  readonly id: string;
  readonly source: string;
  /** The place; undefined where the attribute is missing, or is none. */
  readonly at: { readonly topic: string; readonly partition: number; readonly offset: number } | undefined;
}

/** A new event with this id, which says what it repeats. All else of it stays. */
export function repeat(
  event: CloudEvent,
  id: string,
  { topic, partition, offset }: NonNullable<RepeatedEvent['at']>,
): CloudEvent {
  return { ...event, id, [ID]: event.id, [SOURCE]: event.source, [AT]: `${topic}@${partition}:${offset}` };
}

/** The event that the one of a record repeats; undefined for other records. */
export function repeatedBy({ headers }: Pick<EventRecord, 'headers'>): RepeatedEvent | undefined {
  const { [`ce_${ID}`]: id, [`ce_${SOURCE}`]: source, [`ce_${AT}`]: at } = headers;
  if (id === undefined || source === undefined) return undefined;
  const [, topic, partition, offset] = /^([a-z0-9.-]{1,253})@(\d{1,9}):(\d{1,16})$/.exec(at ?? '') ?? [];
  return {
    id,
    source,
    at: topic === undefined ? undefined : { topic, partition: Number(partition), offset: Number(offset) },
  };
}
