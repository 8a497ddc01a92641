// Compiles Topics, Subscriptions and Queues to topics of the log and settings of dispatchers;
// reports settings that cannot be honoured here.
import { callbacksTopicOf, queueTopicOf, topicOf, withPrefix } from '../../core/names.ts';
import { belongsElsewhere, ownerByPrefix } from '../../resources/references/topic-owners.ts';
import type { AnyResource, Finding, Path, Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { checkGrowth } from './check-growth.ts';
import { compileFanOuts } from './compile-fan-outs.ts';
import { compilePipelines, internalTopics } from './compile-pipelines.ts';
import { compileSyncs } from './compile-syncs.ts';
import { compileViews, viewInputs } from './compile-views.ts';
import type { EventPlan } from './event-plan.ts';
import { leaveOthersOut } from './leave-others-out.ts';
import { callbackSettings, queueSettings, subscriptionSettings } from './settings.ts';
import type { ConsumerPlan, TopicPlan } from './topic-plan.ts';

/** The abilities that this installation gives the event plane. */
export interface Abilities {
  /** False where no data can be kept: then resources that need it are refused. */
  readonly storage: boolean;
  /** The folder that would hold it. */
  readonly folder?: string | undefined;
  /** The log is a Kafka: topics of others, replicas. */
  readonly kafka: boolean;
  /** The prefix of our names in Kafka; undefined: none. */
  readonly topicPrefix?: string | undefined;
  /**
   * Only an operator deletes topics whose Topics say so. If many processes each saw the Topic
   * go, one could be late and meet the next.
   */
  readonly operated?: boolean;
  /** The resources in force; undefined where there are none. */
  readonly before?: ResourceSet | undefined;
}

type Report = (severity: Finding['severity'], resource: AnyResource, path: Path, message: string) => void;

const NEED_STORAGE = new Set<string>(['Topic', 'Subscription', 'Queue', 'View', 'Pipeline', 'FanOut']);

/** How long folded records of a view can be folded again. */
export const REFOLD_MS = 86_400_000;

export function compileEvents(resources: ResourceSet, abilities: Abilities): EventPlan {
  const findings: Finding[] = [];
  const report: Report = (severity, resource, path, message) => findings.push({ severity, resource, path, message });
  const topics: TopicPlan[] = [];
  const external: string[] = [];
  const consumers: ConsumerPlan[] = [];
  if (!abilities.storage) {
    const message = `Events cannot be kept: the folder ${abilities.folder ?? 'of the data'} cannot be written. Give this user the right to, or start with --data DIR and a folder that can.`;
    for (const resource of resources.all) {
      if (NEED_STORAGE.has(resource.kind)) report('error', resource, ['kind'], message);
      if (resource.kind !== 'Strangler') continue;
      for (const [index, { sync }] of resource.spec.features.entries()) {
        if (sync) report('error', resource, ['spec', 'features', index, 'sync'], message);
      }
    }
    return { topics, external: [], consumers, views: [], pipelines: [], fanOuts: [], trimmed: [], findings };
  }
  checkSharedTopics(resources, abilities, report);
  for (const topic of resources.ofKind('Topic')) {
    checkTopic(topic, abilities, report);
    if (topic.spec.external) {
      external.push(logTopicOf(topic));
      continue;
    }
    const plan = topicPlanOf(topic);
    topics.push(abilities.operated ? { ...plan, deleteWithResource: false } : plan);
  }
  for (const { metadata, spec } of resources.ofKind('Queue')) {
    const { namespace, name } = metadata;
    const names = [queueTopicOf(namespace, name), ...(spec.callbacks ? [callbacksTopicOf(namespace, name)] : [])];
    // Jobs wait as long as they like. They are deleted once they are settled, not by their age.
    for (const each of names)
      topics.push({ name: each, settings: { partitions: spec.partitions }, deleteWithResource: false });
  }
  for (const subscription of resources.ofKind('Subscription')) {
    const { namespace } = subscription.metadata;
    // References were checked before: a missing Topic is an error already.
    const topic = resources.get('Topic', namespace, subscription.spec.topic);
    if (topic === undefined) continue;
    consumers.push({
      role: 'events',
      resource: subscription,
      settings: subscriptionSettings(subscription, logTopicOf(topic), topic.spec.retention),
      fingerprint: JSON.stringify([subscription.spec, topic.spec.partitions, topic.spec.retention]),
    });
  }
  for (const queue of resources.ofKind('Queue')) {
    // Schedules put jobs into it, and change nothing in how they are worked.
    const fingerprint = JSON.stringify({ ...queue.spec, schedules: undefined });
    consumers.push({ role: 'events', resource: queue, settings: queueSettings(queue), fingerprint });
    const settings = callbackSettings(queue);
    if (settings) consumers.push({ role: 'callbacks', resource: queue, settings, fingerprint });
  }
  consumers.push(...compileSyncs(resources, logTopicOf, report));
  const views = compileViews(resources, report);
  topics.push(...viewInputs(views));
  const trimmed = consumers.flatMap(({ role, resource, settings: { topic, group } }) =>
    // A job is listed as long as its state can be asked for.
    resource.kind === 'Queue' ? [{ topic, group, keepMs: role === 'events' ? resource.spec.result.ttl : 0 }] : [],
  );
  const compiled = compileFanOuts(resources, logTopicOf, report);
  topics.push(...compiled.topics);
  consumers.push(...compiled.consumers);
  trimmed.push(...compiled.trimmed);
  const pipelines = compilePipelines(resources, report);
  checkGrowth(abilities.before, resources, (resource, path, message) => report('error', resource, path, message));
  trimmed.push(...internalTopics(pipelines, REFOLD_MS));
  const takers = consumers.map(leaveOthersOut);
  return { topics, external, consumers: takers, views, pipelines, fanOuts: compiled.fanOuts, trimmed, findings };
}

/** The settings of the log for a Topic of ours. */
export function topicPlanOf(topic: Resource<'Topic'>): TopicPlan {
  const { partitions, retention, retentionSize, deletionPolicy } = topic.spec;
  return {
    name: logTopicOf(topic),
    settings: { partitions, retentionMs: retention, retentionBytes: retentionSize, ...copiesOf(topic) },
    deleteWithResource: deletionPolicy === 'Delete',
  };
}

/** The log's topic of a Topic. */
export function logTopicOf({ metadata, spec }: Resource<'Topic'>): string {
  return spec.kafka?.topic ?? topicOf(metadata.namespace, metadata.name);
}

/** Whether its name is meant as it is, without our prefix. */
export function isNamedAsItIs({ spec }: Resource<'Topic'>): boolean {
  return spec.external || spec.kafka?.topic !== undefined;
}

/** The name that Kafka has for the topic of a Topic. */
export function kafkaTopicOf(topic: Resource<'Topic'>, prefix: string): string {
  const name = logTopicOf(topic);
  return isNamedAsItIs(topic) ? name : withPrefix(prefix, name);
}

/**
 * The reason why the topic that a Topic names is not for it, where our names begin with this
 * prefix; undefined when it is.
 */
export function whyElsewhere(topic: Resource<'Topic'>, prefix: string): string | undefined {
  if (!isNamedAsItIs(topic)) return undefined;
  const { namespace } = topic.metadata;
  const name = logTopicOf(topic);
  const owner = ownerByPrefix(prefix, name, namespace);
  return owner === undefined ? undefined : belongsElsewhere(name, owner, namespace, prefix);
}

/** Several Topics may stand for one topic of Kafka, but must agree on its settings. */
function checkSharedTopics(resources: ResourceSet, { topicPrefix = '' }: Abilities, report: Report): void {
  const byName = Map.groupBy(resources.ofKind('Topic'), topic => kafkaTopicOf(topic, topicPrefix));
  for (const [name, [first, ...others]] of byName) {
    const said = ({ spec: { external, encoding, kafka } }: Resource<'Topic'>) =>
      JSON.stringify([external, encoding, kafka?.contentMode ?? 'binary', kafka?.topic !== undefined]);
    for (const other of others) {
      if (!first || said(first) === said(other)) continue;
      const { namespace, name: firstName } = first.metadata;
      const message = `The Topic ${namespace}/${firstName} stands for the topic ${name} of Kafka too, but says other things of it: "external", "encoding" and "contentMode" must be the same.`;
      report('error', other, ['spec', 'kafka'], message);
    }
  }
}

function copiesOf({
  spec: { kafka },
}: Resource<'Topic'>): Pick<TopicPlan['settings'], 'replicas' | 'minInsyncReplicas'> {
  return kafka ? { replicas: kafka.replicas, minInsyncReplicas: kafka.minInsyncReplicas } : {};
}

function checkTopic(topic: Resource<'Topic'>, { kafka, topicPrefix = '' }: Abilities, report: Report): void {
  const { spec } = topic;
  const elsewhere = whyElsewhere(topic, topicPrefix);
  if (elsewhere !== undefined) report('error', topic, ['spec', 'kafka', 'topic'], elsewhere);
  if (spec.encoding && spec.encoding.format !== 'json' && spec.kafka?.contentMode === 'structured') {
    const message = `Structured events are JSON as a whole; their data cannot be ${spec.encoding.format}. Remove "contentMode".`;
    report('error', topic, ['spec', 'kafka', 'contentMode'], message);
  } else if (spec.encoding?.registry && spec.kafka?.contentMode === 'structured') {
    const message =
      'Structured events cannot have the number of a schema in front. Remove "contentMode" or "registry".';
    report('error', topic, ['spec', 'kafka', 'contentMode'], message);
  }
  if (kafka) return;
  if (spec.external) {
    report(
      'error',
      topic,
      ['spec', 'external'],
      'The embedded log has no topics of others. Remove "external", and the Topic is created here.',
    );
  }
  if (spec.encoding !== undefined && spec.encoding.format !== 'json') {
    const message = `The embedded log keeps events as JSON; "${spec.encoding.format}" needs Kafka and a schema registry.`;
    report('error', topic, ['spec', 'encoding', 'format'], message);
  } else if (spec.encoding?.registry !== undefined) {
    report(
      'error',
      topic,
      ['spec', 'encoding', 'registry'],
      'A schema registry is for topics of Kafka. Use "schema" here.',
    );
  }
  if (spec.kafka === undefined) return;
  if (spec.kafka.contentMode === 'structured')
    report('warning', topic, ['spec', 'kafka', 'contentMode'], '"contentMode" has an effect on Kafka only.');
  for (const member of ['replicas', 'minInsyncReplicas'] as const) {
    if (spec.kafka[member] === undefined) continue;
    report('warning', topic, ['spec', 'kafka', member], `"${member}" has an effect on Kafka only.`);
  }
}
