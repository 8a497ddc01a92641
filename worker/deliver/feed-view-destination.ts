// Delivers events by feeding them to a View. The View takes repeats again: delivery is at least
// once, as for all dispatchers.
import { dataBytesOf, exactFromRecord, toRecord } from '../../core/cloudevents/record.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { type Fed, feedView } from '../views/feed-view.ts';
import type { DeliveryItem, Destination, Outcome } from './destination.ts';
import { errorToOutcome } from './to-outcome.ts';
import { inheritedHeaders } from './topic-publisher.ts';

export interface FeedOptions {
  readonly log: Pick<EventLog, 'append'>;
  readonly view: { readonly namespace: string; readonly name: string };
  /** Resource name of the topic that the events come from, for records that are no events. */
  readonly source: string;
}

export function createFeedViewDestination({ log, view, source }: FeedOptions): Destination {
  const deliver = async (item: DeliveryItem): Promise<Outcome> => {
    try {
      await feedView(log, view, [toFed(item, source)]);
      return { kind: 'done' };
    } catch (error) {
      return errorToOutcome(error);
    }
  };
  // Appends of one moment share a commit of the log, and the items of one call are of different
  // lanes.
  return { label: `view ${view.name}`, deliver: items => Promise.all(items.map(deliver)) };
}

function toFed(item: DeliveryItem, source: string): Fed {
  const { partition, record } = item;
  const event = exactFromRecord(record, { source: `/topics/${source}`, type: source, partition, ...record });
  const { value, headers } = toRecord(event, null, dataBytesOf(record));
  return { record: { value, headers: { ...headers, ...inheritedHeaders(item) } }, partition };
}
