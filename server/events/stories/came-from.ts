// Finds out what an event was made of, from its own id and attributes. An event that goes on under
// its own id does not say where it was before: that is looked for in the topics that lead here.
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { StoryLink } from '../../../admin/story-view.ts';
import { repeatedBy } from '../../../core/cloudevents/repeats.ts';
import { JOB_HEADER } from '../../../core/jobs/job-id.ts';
import { queueTopicOf, viewGroupOf } from '../../../core/names.ts';
import { DEPTH_HEADER } from '../../../core/wire.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { madeNonceOf } from '../../../worker/deliver/made-nonce.ts';
import { letterNumberOf, offsetOfLetter } from '../../../worker/fold/letter-number.ts';
import { othersOf } from '../../../worker/pipelines/other-topics.ts';
import { logTopicOf } from '../../../worker/plan/compile.ts';
import type { PipelinePlan } from '../../../worker/plan/compile-pipelines.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import { readerTopicOf } from '../../../worker/plan/reader-topic.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { Expectations } from './expectations.ts';
import { CLOCKS_DIFFER_MS, type LogScan } from './log-scan.ts';
import { causeInPipeline, causeOfLetter, causeOfReply, causesInJoin, eventNameAt } from './made-of.ts';
import { linkOf } from './search.ts';
import type { StoryPlans } from './story-plans.ts';
import type { Told } from './told.ts';

type Of = StoryLink['of'];

/** `before`: the time before which the cause is looked for, where that is another than its own. */
interface Origin extends Told {
  readonly before: number | undefined;
}

/** `told` belongs to the namespace. The ids of events are anybody's, so only known names count. */
export async function cameFrom(
  told: Origin,
  namespace: string,
  plans: StoryPlans,
  scan: LogScan,
): Promise<StoryLink[]> {
  // An event that a person sent again came from no other, whatever its first id and source say.
  const { headers } = told.record;
  if (repeatedBy({ headers }) !== undefined && headers[DEPTH_HEADER] === undefined) return [];
  const said = byItself(told, namespace, plans);
  if (said !== undefined) return said;
  if (headers[DEPTH_HEADER] === undefined) return [];
  return passedOn(told, namespace, plans, scan);
}

function byItself({ topic, record }: Told, namespace: string, plans: StoryPlans): StoryLink[] | undefined {
  const { ce_id: id = '', ce_source: source, ce_subject: subject, ce_deadid: deadId } = record.headers;
  const letter = deadId === undefined ? undefined : causeOfLetter(deadId);
  const of = letter && byLetter(letter, namespace, plans);
  if (letter) return of && [of];
  const reply = causeOfReply(id);
  const answering = plans.consumers().find(({ settings }) => settings.group === reply?.group);
  if (reply && answering && isOf(answering, namespace)) {
    return [{ how: 'reply', by: nameOfConsumer(answering), of: sourceOf(answering), id: placeText(reply) }];
  }
  for (const { plan } of plans.pipelines.pipelines) {
    const { name } = plan.settings;
    if (plan.settings.namespace !== namespace || !hasSink(plan, topic, plans.resources())) continue;
    const by = { kind: 'Pipeline', namespace, name } as const;
    const of = { kind: 'Topic', namespace, name: plan.resource.spec.from.topic } as const;
    const cause = causeInPipeline(id, name);
    if (cause) return [{ how: 'to', by, of, id: placeText(cause) }];
    if (source === `/pipelines/${name}`) return [{ how: 'window', by, of }];
    const joined = joinOf(plan, id);
    if (joined) return joined;
  }
  const fanOut = plans
    .resources()
    .ofKind('FanOut')
    .find(({ metadata }) => {
      return metadata.namespace === namespace && source === `/fan-outs/${metadata.name}`;
    });
  if (fanOut === undefined || subject === undefined) return undefined;
  const fanOutName = { kind: 'FanOut', namespace, name: fanOut.metadata.name } as const;
  return [{ how: 'end', by: fanOutName, of: fanOutName, id: subject }];
}

/** The events of both Topics that a join has brought together. */
function joinOf({ settings, resource }: PipelinePlan, id: string): StoryLink[] | undefined {
  const { namespace, name, topology } = settings;
  const causes = causesInJoin(id, name);
  const join = topology.joins.find(({ origin }) => id.startsWith(`${origin}/`));
  if (causes === undefined || join === undefined) return undefined;
  const by = { kind: 'Pipeline', namespace, name } as const;
  const topics = [resource.spec.from.topic, join.plan.topic];
  return causes.flatMap((cause, side) => {
    const of = { kind: 'Topic', namespace, name: topics[side] ?? '' } as const;
    return cause ? [{ how: 'to' as const, by, of, id: placeText(cause) }] : [];
  });
}

function byLetter(
  { group, partition, offset }: { readonly group: string; readonly partition: number; readonly offset: number },
  namespace: string,
  plans: StoryPlans,
): StoryLink | undefined {
  const consumer = plans.consumers().find(({ settings }) => settings.group === group);
  if (consumer) {
    if (!isOf(consumer, namespace)) return undefined;
    return { how: 'dead letter', by: nameOfConsumer(consumer), of: sourceOf(consumer), id: `${partition}-${offset}` };
  }
  for (const { plan } of plans.views.views) {
    const { name } = plan.resource.metadata;
    if (plan.resource.metadata.namespace !== namespace || viewGroupOf(namespace, name) !== group) continue;
    const by = { kind: 'View', namespace, name } as const;
    const from = plan.sources.find(({ topic }) => letterNumberOf(topic, offsetOfLetter(offset)) === offset);
    const of = { kind: 'Topic', namespace, name: from?.name ?? '' } as const;
    return from && { how: 'dead letter', by, of, id: `${partition}-${offsetOfLetter(offset)}` };
  }
  const found = plans.pipelines.pipelines.find(({ plan: { settings } }) => settings.group === group)?.plan;
  if (found === undefined || found.settings.namespace !== namespace) return undefined;
  const by = { kind: 'Pipeline', namespace, name: found.settings.name } as const;
  const { settings, resource } = found;
  const other = othersOf(settings).find(
    ({ id }) => letterNumberOf(readerTopicOf(settings, id), offsetOfLetter(offset)) === offset,
  );
  const of = { kind: 'Topic', namespace, name: other?.topic.name ?? resource.spec.from.topic } as const;
  if (other) return { how: 'dead letter', by, of, id: `${partition}-${offsetOfLetter(offset)}` };
  return { how: 'dead letter', by, of, id: `${partition}-${offset}` };
}

/** Looks for the newest event of its id before it, in the topics whose consumers lead here. */
async function passedOn(told: Origin, namespace: string, plans: StoryPlans, scan: LogScan): Promise<StoryLink[]> {
  const links: StoryLink[] = [];
  for (const plan of plans.consumers()) {
    if (!isOf(plan, namespace) || !leadsTo(told.topic, plans.resources(), each => each.ofConsumer(plan))) continue;
    const of = sourceOf(plan);
    const isCause = causeJudge(plan, told, of);
    links.push(...(await findBack(plan.settings.topic, of, nameOfConsumer(plan), isCause, told, scan)));
  }
  for (const { plan } of plans.pipelines.pipelines) {
    const { name, topic, group } = plan.settings;
    if (plan.settings.namespace !== namespace || !hasSink(plan, told.topic, plans.resources())) continue;
    const by = { kind: 'Pipeline', namespace, name } as const;
    const of = { kind: 'Topic', namespace, name: plan.resource.spec.from.topic } as const;
    const isCause = causeJudge({ settings: { group } }, told, of);
    links.push(...(await findBack(topic, of, by, isCause, told, scan)));
  }
  return links;
}

function causeJudge({ settings: { group } }: { readonly settings: { readonly group: string } }, told: Told, of: Of) {
  const { ce_id: id, ce_source: source, [JOB_HEADER]: nonce } = told.record.headers;
  return (record: LogRecord, partition: number) => {
    if (nonce !== undefined && madeNonceOf(group, partition, record.offset) === nonce) return true;
    const name = eventNameAt(record, partition, of.name);
    return name !== undefined && name.id === id && name.source === source;
  };
}

async function findBack(
  topic: string,
  of: Of,
  by: ConsumerName,
  isCause: (record: LogRecord, partition: number) => boolean,
  told: Origin,
  scan: LogScan,
): Promise<StoryLink[]> {
  // The event itself is in the topic that it is told in.
  const isOther = (record: LogRecord, partition: number) =>
    topic !== told.topic || partition !== told.partition || record.offset < told.record.offset;
  const begin = { until: told.before ?? told.record.timestamp + CLOCKS_DIFFER_MS, key: told.record.key };
  const found = await scan.back(topic, of, begin, (record, partition) => {
    return isOther(record, partition) && isCause(record, partition);
  });
  return found ? [{ how: 'to', by, of, ...linkOf(found.record, found.partition, of) }] : [];
}

/** Whether a record of the log's topic may have been made by what `add` adds. */
function leadsTo(topic: string, resources: ResourceSet, add: (to: Expectations) => void): boolean {
  const record = { offset: 0, timestamp: 0, key: null, value: new Uint8Array(0), headers: {} };
  const expectations = new Expectations(resources, { topic: '', partition: 0, record, signal: NEVER });
  add(expectations);
  return expectations.list.some(each => each.topic === topic && each.link.how !== 'dead letter');
}

/** Whether the Pipeline puts events into the topic of the log, at any of its stages. */
function hasSink({ settings }: PipelinePlan, topic: string, resources: ResourceSet): boolean {
  const { source, windows, joins, calling } = settings.topology;
  const stages = [source.kind === 'window' ? source.window : source, ...windows, ...joins, ...calling];
  return stages.some(({ outlets }) =>
    outlets.some(outlet => {
      if (outlet.kind === 'queue') return queueTopicOf(settings.namespace, outlet.queue) === topic;
      const resource = outlet.kind === 'topic' && resources.get('Topic', settings.namespace, outlet.topic);
      return resource && logTopicOf(resource) === topic;
    }),
  );
}

function isOf({ resource }: ConsumerPlan, namespace: string): boolean {
  return resource.metadata.namespace === namespace;
}

function sourceOf({ resource }: ConsumerPlan): Of {
  const { namespace, name } = resource.metadata;
  if (resource.kind === 'Subscription') return { kind: 'Topic', namespace, name: resource.spec.topic };
  const on = resource.kind === 'FanOut' ? resource.spec.on.topic : undefined;
  if (on !== undefined) return { kind: 'Topic', namespace, name: on };
  if (resource.kind === 'FanOut') return { kind: 'FanOut', namespace, name };
  return { kind: 'Queue', namespace, name };
}

function placeText({ partition, offset }: { readonly partition: number; readonly offset: number }): string {
  return `${partition}-${offset}`;
}

const NEVER = new AbortController().signal;
