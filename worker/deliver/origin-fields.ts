// Adds to a call, or to an event that is made of another, the systems in which the change has been.
import { formatOrigins, ORIGIN_ATTRIBUTE, originOfRecord, parseOrigins } from '../../core/cloudevents/origins.ts';
import type { EventRecord } from '../../core/cloudevents/record.ts';
import { ORIGIN_HEADER } from '../../core/wire.ts';

/**
 * Headers of a call on behalf of the record; none where it has been in no other system. Throws for
 * a record that is no event, and `loop-detected`.
 */
export function originHeader(record: EventRecord, namespace: string): readonly string[] {
  const origin = formatOrigins(parseOrigins(originOfRecord(record), namespace));
  return origin === undefined ? [] : [ORIGIN_HEADER, origin];
}

/** Headers of a record that is made of another. */
export function inheritedOrigin(record: EventRecord): Record<string, string> {
  const origin = originOfRecord(record);
  return origin === undefined ? {} : { [`ce_${ORIGIN_ATTRIBUTE}`]: origin };
}
