// Says what is masked of which events: the sensitive fields that the schema of their Topic or Queue
// marks.

import { createSchemaCompiler } from '../../../core/json-schema/json-schema.ts';
import { maskerOf } from '../../../core/json-schema/sensitive.ts';
import { topicsReadByPipeline } from '../../../resources/pipeline-topics.ts';
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
  const maskersBehind = (namespace: string, from: readonly Source[], all: ResourceSet): RecordMasker | undefined => {
    const found = new Set<RecordMasker>();
    const [open, seen] = [[...from], new Set<string>()];
    for (let source = open.pop(); source !== undefined; source = open.pop()) {
      const place = `${source.topic} ${source.madeOf !== undefined}`;
      if (seen.has(place)) continue;
      seen.add(place);
      const { topic, madeOf } = source;
      const own = ofSchema(all.get('Topic', namespace, topic)?.spec.schema);
      if (own !== undefined) found.add(hiddenIf(madeOf, own));
      else
        for (const feeder of feedersOf(namespace, topic, all)) {
          const masker = feeder.kind === 'Queue' ? ofSchema(feeder.spec.schema) : undefined;
          if (masker !== undefined) found.add(hiddenIf(madeOf, masker));
          else open.push(...sourcesOf(feeder, all).map(each => ({ ...each, madeOf: madeOf ?? each.madeOf })));
        }
    }
    return oneOf(found);
  };
  /** Maskers of Topics, by set of resources. */
  const ofTopics = new WeakMap<ResourceSet, Map<string, RecordMasker | undefined>>();
  return {
    ofTopic(namespace, name) {
      const all = resources();
      const known = ofTopics.get(all) ?? new Map<string, RecordMasker | undefined>();
      ofTopics.set(all, known);
      const place = `${namespace}/${name}`;
      if (!known.has(place)) known.set(place, maskersBehind(namespace, [{ topic: name }], all));
      return known.get(place);
    },
    ofConsumer(consumer) {
      const all = resources();
      const own = consumer.kind === 'Queue' ? ofSchema(consumer.spec.schema) : undefined;
      return own ?? maskersBehind(consumer.metadata.namespace, sourcesOf(consumer, all), all);
    },
  };
}

/** A Topic whose events come to another place. */
interface Source {
  readonly topic: string;
  /** The Topic of which something else is made on the way; undefined: the events stay the same. */
  readonly madeOf?: string | undefined;
}

function hiddenIf(madeOf: string | undefined, masker: RecordMasker): RecordMasker {
  return madeOf === undefined ? masker : hideAll(`It is made of events of Topic ${madeOf}, ${OTHER_SHAPE}`);
}

const OTHER_SHAPE = 'whose schema marks sensitive fields, and may have another shape.';

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

function oneOf([first, ...others]: ReadonlySet<RecordMasker>): RecordMasker | undefined {
  return others.length === 0 ? first : hideAll(OF_SEVERAL);
}

const OF_SEVERAL = 'It comes from several Topics or Queues whose schemas mark sensitive fields.';

function sourcesOf(consumer: Consumer, resources: ResourceSet): Source[] {
  const topics = topicsOf(consumer, resources);
  // A job is the event itself, and so is what a Subscription gets. Others make something else.
  const isSame = consumer.kind === 'Subscription' || consumer.kind === 'Queue';
  return topics.map(topic => ({ topic, madeOf: isSame ? undefined : topic }));
}

/** Names of the Topics whose events come to it. */
function topicsOf(consumer: Consumer, resources: ResourceSet): readonly string[] {
  if (consumer.kind === 'Subscription') return [consumer.spec.topic];
  if (consumer.kind === 'View') return consumer.spec.from;
  if (consumer.kind === 'Pipeline') return topicsReadByPipeline(consumer);
  const { namespace, name } = consumer.metadata;
  const own = consumer.kind === 'FanOut' && consumer.spec.on.topic !== undefined ? [consumer.spec.on.topic] : [];
  const target = consumer.kind === 'Queue' ? 'queue' : 'fanOut';
  const feeds = ({ metadata, spec }: Resource<'Subscription'>) =>
    metadata.namespace === namespace && [spec.to].flat().some(to => to[target] === name);
  const subscriptions = resources.ofKind('Subscription').filter(feeds);
  return [...own, ...subscriptions.map(({ spec }) => spec.topic)];
}
