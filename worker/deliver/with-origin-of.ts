// Hands events over with one more system in their origin: the system that they are handed to. So
// nothing that they cause there comes back to it.
import { joinOrigins, ORIGIN_ATTRIBUTE, originOfRecord } from '../../core/cloudevents/origins.ts';
import { exactFromRecord, isStructured, toRecord } from '../../core/cloudevents/record.ts';
import type { DeliveryItem, Destination, Outcome } from './destination.ts';
import { errorToOutcome } from './to-outcome.ts';

/** `source`: resource name of the topic that they come from, for records that are no events. */
export function withOriginOf(inner: Destination, origin: string, source: string): Destination {
  const mark = (item: DeliveryItem): DeliveryItem => {
    const { record, partition } = item;
    const { headers } = record;
    if (headers['ce_specversion'] !== undefined && !isStructured(headers)) {
      const joined = joinOrigins(originOfRecord(record), origin) ?? origin;
      return { ...item, record: { ...record, headers: { ...headers, [`ce_${ORIGIN_ATTRIBUTE}`]: joined } } };
    }
    const event = exactFromRecord(record, { source: `/topics/${source}`, type: source, partition, ...record });
    const joined = joinOrigins(originOfRecord(record), origin) ?? origin;
    const { value, headers: own } = toRecord({ ...event, [ORIGIN_ATTRIBUTE]: joined }, record.key);
    const { 'content-type': _, ...rest } = headers;
    return { ...item, record: { ...record, value, headers: { ...rest, ...own } } };
  };
  return {
    label: inner.label,
    async deliver(items, signal) {
      const marked: DeliveryItem[] = [];
      const at: number[] = [];
      const outcomes = items.map((item, index): Outcome => {
        try {
          marked.push(mark(item));
          at.push(index);
          return NOTHING_SAID;
        } catch (error) {
          return errorToOutcome(error);
        }
      });
      if (marked.length === 0) return outcomes;
      for (const [place, outcome] of (await inner.deliver(marked, signal)).entries())
        outcomes[at[place] ?? -1] = outcome;
      return outcomes;
    },
  };
}

const NOTHING_SAID: Outcome = { kind: 'failed', retryable: true, error: { message: 'Nothing was said of the event.' } };
