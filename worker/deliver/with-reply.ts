// Publishes the event that the target answers with. Its id is made of the place of the event that
// it answers, so that a repeat is the same event.
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { contentModeOf, decodeEventExactly } from '../../core/cloudevents/decode.ts';
import type { DeliveryItem, Destination, Outcome } from './destination.ts';
import { errorToOutcome } from './to-outcome.ts';
import type { TopicPublisher } from './topic-publisher.ts';

/** `group`: the consumer, whose replies differ from those of others to the same event. */
export function withReply(inner: Destination, group: string, publisher: TopicPublisher): Destination {
  const reply = async (item: DeliveryItem, outcome: Outcome): Promise<Outcome> => {
    if (outcome.kind !== 'done' || outcome.answer === undefined) return outcome;
    const { headers, body } = outcome.answer;
    try {
      const mode = contentModeOf(headers);
      if (mode === undefined || mode === 'batched') return outcome;
      const event = decodeEventExactly(headers, body);
      const id = `${group}/${item.partition}-${item.record.offset}`;
      const derived: CloudEvent = event.id === id ? event : { ...event, id, replyid: event.id };
      await publisher.publish(derived, item, mode === 'binary' ? body : undefined);
      return outcome;
    } catch (error) {
      return errorToOutcome(error);
    }
  };
  return {
    label: inner.label,
    async deliver(items, signal) {
      const outcomes = await inner.deliver(items, signal);
      return Promise.all(items.map((item, index) => reply(item, outcomes[index] ?? NOTHING_SAID)));
    },
  };
}

const NOTHING_SAID: Outcome = { kind: 'failed', retryable: true, error: { message: 'Nothing was said of the event.' } };
