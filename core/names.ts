// Names that the processes must agree on: which topics and consumer groups of the
// log stand behind a resource.
import { createHash } from 'node:crypto';

/** Kafka's limit. */
const MAX_LENGTH = 249;
/**
 * First words of names that are not a Topic's; a Topic in a namespace that is
 * called so gets a word in front.
 */
export const RESERVED: ReadonlySet<string> = new Set([
  'topic',
  'queue',
  'subscription',
  'fan-out',
  'pipeline',
  'view',
  'callbacks',
  'strangler',
]);

/** The Kafka topic that records the epoch of each topic. It belongs to no namespace. */
export const TOPIC_EPOCHS_TOPIC = 'topic.epochs';

/** The topic of the audit log. It belongs to no namespace. */
export const AUDIT_TOPIC = 'topic.audit';

/** The log's topic of a Topic, unless the resource names another. */
export function topicOf(namespace: string, name: string): string {
  return bounded(`${RESERVED.has(namespace) ? 'topic.' : ''}${namespace}.${name}`);
}

/**
 * The namespace that one of the names of this file is of; undefined of a name
 * that none of them looks like.
 */
export function namespaceOfName(name: string): string | undefined {
  const [first = '', second, third] = name.split('.');
  if (!RESERVED.has(first)) return second === undefined ? undefined : first;
  return third === undefined ? undefined : second;
}

/**
 * The name with the prefix of an installation in front, as Kafka has it; a name that is too long is
 * cut.
 */
export function withPrefix(prefix: string, name: string): string {
  const full = prefix + name;
  if (full.length <= MAX_LENGTH) return full;
  return `${full.slice(0, MAX_LENGTH - 17)}-${createHash('sha256').update(full).digest('hex').slice(0, 16)}`;
}

/** Whether it is the topic of a Topic, a Queue or a FanOut, and not one with more about them. */
export function holdsEvents(topic: string): boolean {
  const first = topic.split('.', 1)[0] ?? '';
  return !RESERVED.has(first) || first === 'topic' || first === 'queue' || first === 'fan-out';
}

/** The topic that holds the jobs of a Queue. */
export function queueTopicOf(namespace: string, name: string): string {
  return bounded(`queue.${namespace}.${name}`);
}

/** Consumer group of a Subscription. */
export function subscriptionGroupOf(namespace: string, name: string): string {
  return bounded(`subscription.${namespace}.${name}`);
}

/** Consumer group of a Queue's workers. */
export function queueGroupOf(namespace: string, name: string): string {
  return bounded(`queue.${namespace}.${name}`);
}

/** The topic that holds the callbacks that a Queue owes, and the group that makes them. */
export function callbacksTopicOf(namespace: string, name: string): string {
  return bounded(`callbacks.${namespace}.${name}`);
}

/** Consumer group that writes the changes of a Strangler's feature back into legacy. */
export function syncGroupOf(namespace: string, strangler: string, feature: string): string {
  return bounded(`strangler.${namespace}.${strangler}.${feature}`);
}

/**
 * Beginning of the names of a View's internal topics and groups, and the group that its
 * dead letters are kept under.
 */
export function viewGroupOf(namespace: string, name: string): string {
  return bounded(`view.${namespace}.${name}`, '.000000000000.000000000000'.length);
}

/** The topic with what other resources feed into a View. */
export function viewInputTopicOf(namespace: string, name: string): string {
  return `${viewGroupOf(namespace, name)}.in`;
}

/**
 * Consumer group of a Pipeline at its source, and beginning of the names of its
 * internal topics and their groups.
 */
export function pipelineGroupOf(namespace: string, name: string): string {
  return bounded(`pipeline.${namespace}.${name}`, '.00.000000000000.parked'.length);
}

/**
 * The topic that holds what happens to the jobs of a FanOut, its group, and the beginning of
 * the names of its other ones.
 */
export function fanOutGroupOf(namespace: string, name: string): string {
  return bounded(`fan-out.${namespace}.${name}`, '.gather.parked'.length);
}

/** Consumer group of what the bucket for large contents says of itself over a topic. */
export function bucketGroupOf(topic: string): string {
  return bounded(`bucket.${topic}`);
}

/** Consumer group of the index of the events of a topic. */
export function eventIndexGroupOf(topic: string): string {
  return bounded(`event-index.${topic}`);
}

/** Topic of the events that a group has parked. */
export function parkingLogTopicOf(group: string): string {
  return `${group}.parked`;
}

/** Topic of the events that a group has given up. */
export function deadTopicOf(group: string): string {
  return `${group}.dead`;
}

/** Names are cut where a suffix would no longer fit; a hash keeps them apart. */
function bounded(name: string, suffix = '.parked'.length): string {
  const most = MAX_LENGTH - suffix;
  if (name.length <= most) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, most - hash.length - 1)}-${hash}`;
}
