// Says what is masked of which events: the sensitive fields that the schema of their Topic or Queue
// marks.
import { createSchemaCompiler } from '../../../core/json-schema/json-schema.ts';
import { maskerOf } from '../../../core/json-schema/sensitive.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { hideAll, type RecordMasker, recordMasker } from './mask-record.ts';

/** All answers are undefined where nothing is masked. */
export interface Masking {
  ofTopic(namespace: string, name: string): RecordMasker | undefined;
  /** The events that a consumer gets or keeps. */
  ofConsumer(consumer: Consumer): RecordMasker | undefined;
}

type Consumer =
  | Resource<'Subscription'>
  | Resource<'Queue'>
  | Resource<'FanOut'>
  | Resource<'View'>
  | Resource<'Pipeline'>;

export function createMasking(resources: () => ResourceSet): Masking {
  const compile = createSchemaCompiler({ draftChecked: true });
  /** Maskers by schema. Resources that stay keep theirs. */
  const known = new WeakMap<object, RecordMasker | 'nothing'>();
  const ofSchema = (schema: object | undefined): RecordMasker | undefined => {
    if (schema === undefined) return undefined;
    let found = known.get(schema);
    if (found === undefined) {
      const masker = maskerOf(schema, compile);
      found = masker === undefined ? 'nothing' : recordMasker(masker);
      known.set(schema, found);
    }
    return found === 'nothing' ? undefined : found;
  };
  /** Maskers that Topics without marks have from others, by set of resources. */
  const inherited = new WeakMap<ResourceSet, Map<string, RecordMasker | undefined>>();
  const ofTopic = (namespace: string, name: string, passed: readonly string[] = []): RecordMasker | undefined => {
    const all = resources();
    const own = ofSchema(all.get('Topic', namespace, name)?.spec.schema);
    if (own !== undefined || passed.includes(name)) return own;
    const here = inherited.get(all) ?? new Map<string, RecordMasker | undefined>();
    inherited.set(all, here);
    const place = `${namespace}/${name}`;
    if (here.has(place)) return here.get(place);
    const found = oneOf(feedersOf(namespace, name, all).map(each => ofConsumer(each, [...passed, name])));
    // A result from inside a cycle is not complete.
    if (passed.length === 0) here.set(place, found);
    return found;
  };
  const ofConsumer = (consumer: Consumer, passed?: readonly string[]): RecordMasker | undefined => {
    const { namespace } = consumer.metadata;
    if (consumer.kind === 'Subscription') return ofTopic(namespace, consumer.spec.topic, passed);
    const own = consumer.kind === 'Queue' ? ofSchema(consumer.spec.schema) : undefined;
    if (own !== undefined) return own;
    for (const topic of topicsBehind(consumer, resources())) {
      const found = ofTopic(namespace, topic, passed);
      // A job is the event itself. The others make something else of it.
      if (found !== undefined) return consumer.kind === 'Queue' ? found : hideAll(madeOf(topic));
    }
    return undefined;
  };
  return { ofTopic: (namespace, name) => ofTopic(namespace, name), ofConsumer: consumer => ofConsumer(consumer) };
}

/** The consumers that publish their events to the Topic as they are, or those that they give up. */
function feedersOf(namespace: string, topic: string, resources: ResourceSet): Consumer[] {
  const subscriptions = resources.ofKind('Subscription');
  const handing = subscriptions.filter(({ spec }) => [spec.to].flat().some(to => to.topic === topic));
  const givingUp = [
    ...subscriptions,
    ...resources.ofKind('Queue'),
    ...resources.ofKind('FanOut'),
    ...resources.ofKind('View'),
    ...resources.ofKind('Pipeline'),
  ].filter(({ spec }) => spec.deadLetter.topic === topic);
  return [...handing, ...givingUp].filter(({ metadata }) => metadata.namespace === namespace);
}

function oneOf(maskers: readonly (RecordMasker | undefined)[]): RecordMasker | undefined {
  const [first, ...others] = new Set(maskers.filter(each => each !== undefined));
  return others.length === 0 ? first : hideAll(OF_SEVERAL);
}

const OF_SEVERAL = 'It comes from several Topics or Queues whose schemas mark sensitive fields.';

/** Names of the Topics whose events come to it. */
function topicsBehind(
  consumer: Exclude<Consumer, Resource<'Subscription'>>,
  resources: ResourceSet,
): readonly string[] {
  if (consumer.kind === 'View') return consumer.spec.from;
  if (consumer.kind === 'Pipeline') return [consumer.spec.from.topic];
  const { namespace, name } = consumer.metadata;
  const own = consumer.kind === 'FanOut' && consumer.spec.on.topic !== undefined ? [consumer.spec.on.topic] : [];
  const target = consumer.kind === 'Queue' ? 'queue' : 'fanOut';
  const feeds = ({ metadata, spec }: Resource<'Subscription'>) =>
    metadata.namespace === namespace && [spec.to].flat().some(to => to[target] === name);
  const subscriptions = resources.ofKind('Subscription').filter(feeds);
  return [...own, ...subscriptions.map(({ spec }) => spec.topic)];
}

function madeOf(topic: string): string {
  return `It is made of events of Topic ${topic}, whose schema marks sensitive fields, and may have another shape.`;
}
