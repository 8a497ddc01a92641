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
  /** By schema: resources that stay keep theirs. */
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
  const ofTopic = (namespace: string, name: string) => ofSchema(resources().get('Topic', namespace, name)?.spec.schema);
  return {
    ofTopic,
    ofConsumer(consumer) {
      const { namespace } = consumer.metadata;
      if (consumer.kind === 'Subscription') return ofTopic(namespace, consumer.spec.topic);
      const own = consumer.kind === 'Queue' ? ofSchema(consumer.spec.schema) : undefined;
      if (own !== undefined) return own;
      for (const topic of topicsBehind(consumer, resources())) {
        const found = ofTopic(namespace, topic);
        // A job is the event itself. The others make something else of it.
        if (found !== undefined) return consumer.kind === 'Queue' ? found : hideAll(madeOf(topic));
      }
      return undefined;
    },
  };
}

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
