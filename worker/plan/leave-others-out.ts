// Consumers of a Topic leave out the events that are for another consumer alone.
import { addressOf, isFor } from '../../core/cloudevents/addressee.ts';
import { nameOfConsumer } from './event-plan.ts';
import type { ConsumerPlan } from './topic-plan.ts';

/** The address by which a person sends it an event alone. */
export function addressOfConsumer(plan: ConsumerPlan): string {
  return plan.replayOf ?? addressOf(nameOfConsumer(plan));
}

/** The same plan for those that have other topics than Topics. */
export function leaveOthersOut(plan: ConsumerPlan): ConsumerPlan {
  const { role, resource, settings } = plan;
  const isOfTopic = resource.kind === 'Subscription' || role === 'starts';
  if (!isOfTopic) return plan;
  const address = addressOfConsumer(plan);
  const { filter = () => true } = settings;
  return { ...plan, settings: { ...settings, filter: record => isFor(record, address) && filter(record) } };
}
