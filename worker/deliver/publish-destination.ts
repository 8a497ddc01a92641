// Delivers events by publishing them to another Topic: the same events, under the same ids, so that
// repeats are recognised there.
import { dataBytesOf, exactFromRecord } from '../../core/cloudevents/record.ts';
import type { Destination, Outcome } from './destination.ts';
import { errorToOutcome } from './to-outcome.ts';
import type { TopicPublisher } from './topic-publisher.ts';

/** `source`: resource name of the topic that they come from, for records that are no events. */
export function createPublishDestination(label: string, source: string, publisher: TopicPublisher): Destination {
  return {
    label,
    deliver: items =>
      Promise.all(
        items.map(async (item): Promise<Outcome> => {
          const { partition, record } = item;
          const plain = { source: `/topics/${source}`, type: source, partition, ...record };
          try {
            await publisher.publish(exactFromRecord(record, plain), item, dataBytesOf(record));
            return { kind: 'done' };
          } catch (error) {
            return errorToOutcome(error);
          }
        }),
      ),
  };
}
