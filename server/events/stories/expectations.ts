// Lists the records that may have come of an event, by the resources in force. Each target of its
// consumers gives the topic of a record, and the header by which it is known.
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { StoryLink } from '../../../admin/story-view.ts';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { compileEventValidator } from '../../../core/cloudevents/event-validator.ts';
import { FAN_OUT_PARTITIONS, fanOutLayoutOf } from '../../../core/fan-outs/layout.ts';
import { JOB_HEADER } from '../../../core/jobs/job-id.ts';
import { pipelineGroupOf, queueTopicOf, viewGroupOf, viewInputTopicOf } from '../../../core/names.ts';
import { VIEW_PARTITIONS } from '../../../core/views/view-layout.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { Target } from '../../../resources/kinds/fields/target.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { madeNonceOf } from '../../../worker/deliver/made-nonce.ts';
import { letterNumberOf } from '../../../worker/fold/letter-number.ts';
import type { OutletPlan } from '../../../worker/pipelines/topology.ts';
import { logTopicOf } from '../../../worker/plan/compile.ts';
import type { PipelinePlan } from '../../../worker/plan/compile-pipelines.ts';
import type { ViewPlan } from '../../../worker/plan/compile-views.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import { readerTopicOf } from '../../../worker/plan/reader-topic.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { causeInPipeline, causesInJoin, eventNameAt, isSameEvent, replyIdOf } from './made-of.ts';
import type { Expectation } from './search.ts';
import type { Told } from './told.ts';

/** The topic of the log that records go to, and its resource. */
interface Goal {
  readonly topic: string;
  readonly of: StoryLink['of'];
  /** As of an expectation. */
  readonly likely?: Expectation['likely'];
}

/** A consumer hands an event on. `event`: undefined where that cannot be read. */
interface Handing {
  readonly by: ConsumerName;
  readonly group: string;
  readonly namespace: string;
  readonly event: CloudEvent | undefined;
}

type Judge = (record: LogRecord) => boolean;

export class Expectations {
  readonly list: Expectation[] = [];
  readonly #resources: ResourceSet;
  readonly #told: Told;

  constructor(resources: ResourceSet, told: Told) {
    this.#resources = resources;
    this.#told = told;
  }

  /** Adds the targets of a Subscription or a Queue, or the job of a FanOut that an event begins. */
  ofConsumer(plan: ConsumerPlan): void {
    const { role, resource, settings } = plan;
    const { namespace, name } = resource.metadata;
    const by = nameOfConsumer(plan);
    if (resource.kind === 'FanOut') {
      if (role === 'starts') this.#ofFanOut(by, settings.group, namespace, name);
      return;
    }
    const { record, partition } = this.#told;
    const { to, deadLetter } = resource.spec;
    const source = resource.kind === 'Queue' ? name : resource.spec.topic;
    const event = eventNameAt(record, partition, source);
    for (const target of [to].flat()) this.#ofTarget(target, { by, group: settings.group, namespace, event });
    if (resource.kind === 'Subscription' && resource.spec.reply) {
      const id = replyIdOf(settings.group, { partition, offset: record.offset });
      this.#add(
        this.#topic(namespace, resource.spec.reply.topic),
        'reply',
        by,
        ({ headers }) => headers['ce_id'] === id,
      );
    }
    this.#ofLetters(deadLetter.topic, by, settings.group, namespace, record.offset);
  }

  /** A View publishes what it sets aside. */
  ofView({ resource: { metadata, spec } }: ViewPlan): void {
    const { namespace, name } = metadata;
    const { topic, record } = this.#told;
    const by = { kind: 'View', namespace, name } as const;
    this.#ofLetters(
      spec.deadLetter.topic,
      by,
      viewGroupOf(namespace, name),
      namespace,
      letterNumberOf(topic, record.offset),
    );
  }

  ofPipeline({ resource, settings }: PipelinePlan): void {
    const { namespace, name } = resource.metadata;
    const { topology } = settings;
    const { record, partition } = this.#told;
    const by = { kind: 'Pipeline', namespace, name } as const;
    const event = eventNameAt(record, partition, resource.spec.from.topic);
    const first = topology.source.kind === 'flow' ? topology.source.outlets : [];
    const mayKeep = keepsEvents(resource.spec.steps);
    const made = (each: LogRecord) => {
      const cause = causeInPipeline(each.headers['ce_id'] ?? '', name);
      const isMade = cause?.partition === partition && cause.offset === record.offset;
      return isMade || (mayKeep && isSameEvent(each, event, record));
    };
    const outlets = first.concat(topology.calling.flatMap(each => each.outlets));
    const goals = outlets.flatMap(outlet => this.#goalOf(outlet, namespace, event) ?? []);
    for (const goal of goals) {
      const isOne = isOneToOne(resource.spec.steps) && goals.filter(({ topic }) => topic === goal.topic).length === 1;
      this.#add(goal, 'to', by, made, !isOne);
    }
    this.#ofJoins(settings, 0, topology.joins);
    this.#ofLetters(resource.spec.deadLetter.topic, by, pipelineGroupOf(namespace, name), namespace, record.offset);
  }

  /** An event of a Topic that the Pipeline joins its own with. `id`: of the reader. */
  ofOther({ resource, settings }: PipelinePlan, id: string): void {
    const { namespace, name, topology } = settings;
    const by = { kind: 'Pipeline', namespace, name } as const;
    const joins = topology.joins.filter(({ other }) => other === id);
    this.#ofJoins(settings, 1, joins);
    const offset = letterNumberOf(readerTopicOf(settings, id), this.#told.record.offset);
    this.#ofLetters(resource.spec.deadLetter.topic, by, pipelineGroupOf(namespace, name), namespace, offset);
  }

  /** `side`: 0 for an event of the Pipeline's own Topic, 1 for one of the other. */
  #ofJoins(
    { namespace, name }: PipelinePlan['settings'],
    side: 0 | 1,
    joins: PipelinePlan['settings']['topology']['joins'],
  ): void {
    const { partition, record } = this.#told;
    const by = { kind: 'Pipeline', namespace, name } as const;
    for (const { origin, outlets } of joins) {
      const made = ({ headers }: LogRecord) => {
        const { ce_id: id = '' } = headers;
        const cause = id.startsWith(`${origin}/`) ? causesInJoin(id, name)?.[side] : undefined;
        return cause?.partition === partition && cause.offset === record.offset;
      };
      for (const outlet of outlets) this.#add(this.#goalOf(outlet, namespace, undefined), 'to', by, made, true);
    }
  }

  #goalOf(outlet: OutletPlan, namespace: string, event: CloudEvent | undefined): Goal | undefined {
    if (outlet.kind === 'topic') return this.#topic(namespace, outlet.topic, event, outlet.key);
    if (outlet.kind === 'queue') return this.#queue(namespace, outlet.queue, event, outlet.key);
    return outlet.kind === 'view' ? this.#view(namespace, outlet.view) : undefined;
  }

  #ofTarget(target: Target, { by, group, namespace, event }: Handing): void {
    const { partition, record } = this.#told;
    const isSame = (each: LogRecord) => isSameEvent(each, event, record);
    if (target.topic !== undefined) this.#add(this.#topic(namespace, target.topic, event), 'to', by, isSame);
    if (target.view !== undefined) this.#add(this.#view(namespace, target.view), 'to', by, isSame);
    if (target.fanOut !== undefined) this.#ofFanOut(by, group, namespace, target.fanOut);
    if (target.queue !== undefined) {
      const nonce = madeNonceOf(group, partition, record.offset);
      const isIts = ({ headers }: LogRecord) => headers[JOB_HEADER] === nonce;
      this.#add(this.#queue(namespace, target.queue, event), 'to', by, isIts);
    }
  }

  #ofFanOut(by: ConsumerName, group: string, namespace: string, name: string): void {
    const { partition, record } = this.#told;
    const nonce = madeNonceOf(group, partition, record.offset);
    const { facts, scopeOf } = fanOutLayoutOf(namespace, name);
    const goal = { topic: facts, of: { kind: 'FanOut', namespace, name } } as const;
    const at = partitionOf(nonce, FAN_OUT_PARTITIONS);
    const job = { scope: scopeOf(at), nonce };
    this.#add(goal, 'to', by, ({ key }) => key === nonce, false, { partition: at, job });
  }

  /** The letter of an event that was redriven, and given up again, is another one. */
  #ofLetters(topic: string | undefined, by: ConsumerName, group: string, namespace: string, offset: number): void {
    if (topic === undefined) return;
    const begin = `${group}/${this.#told.partition}-${offset}-`;
    const isLetter: Judge = ({ headers }) => headers['ce_deadid']?.startsWith(begin) ?? false;
    this.#add(this.#topic(namespace, topic), 'dead letter', by, isLetter, true);
  }

  /** `event`: where that goes on as it is. `key`: an expression instead of that of the Topic. */
  #topic(namespace: string, name: string, event?: CloudEvent, key?: string): Goal | undefined {
    const resource = this.#resources.get('Topic', namespace, name);
    if (resource === undefined) return undefined;
    const likely = likelyPartition(event, key ?? resource.spec.key);
    return { topic: logTopicOf(resource), of: { kind: 'Topic', namespace, name }, likely };
  }

  #queue(namespace: string, name: string, event: CloudEvent | undefined, key?: string): Goal {
    const likely = likelyPartition(event, key ?? this.#resources.get('Queue', namespace, name)?.spec.key);
    return { topic: queueTopicOf(namespace, name), of: { kind: 'Queue', namespace, name }, likely };
  }

  #view(namespace: string, name: string): Goal {
    const likely = () => this.#told.partition % VIEW_PARTITIONS;
    return { topic: viewInputTopicOf(namespace, name), of: { kind: 'View', namespace, name }, likely };
  }

  #add(
    goal: Goal | undefined,
    how: StoryLink['how'],
    by: ConsumerName,
    judge: Judge,
    many = false,
    at?: { readonly partition: number; readonly job: Expectation['job'] },
  ): void {
    if (goal === undefined) return;
    const { topic, of, likely } = goal;
    this.list.push({
      topic,
      many,
      ...(likely && { likely }),
      ...(at === undefined ? {} : { partition: at.partition }),
      judge,
      link: { how, by, of },
      ...(at?.job === undefined ? {} : { job: at.job }),
    });
  }
}

/** No event becomes several ones: the search may stop at the first. */
function isOneToOne(steps: readonly { readonly flatMap?: unknown; readonly branch?: unknown }[]): boolean {
  return steps.every(({ flatMap, branch }) => flatMap === undefined && branch === undefined);
}

/**
 * An event may come out as it is, under its own id. Otherwise that is the event that another
 * consumer has copied to the same topic.
 */
function keepsEvents(steps: PipelinePlan['resource']['spec']['steps']): boolean {
  for (const { map, flatMap, join, branch } of steps) {
    if (branch?.some(each => keepsEvents(each.steps))) return true;
    if (map !== undefined || flatMap !== undefined || join !== undefined) return false;
  }
  return true;
}

/** By the key that the event has in a topic with this expression. Undefined: it cannot be known. */
function likelyPartition(event: CloudEvent | undefined, key: string | undefined): Expectation['likely'] {
  if (event === undefined) return undefined;
  try {
    const validator = compileEventValidator({ key, maxSize: Number.POSITIVE_INFINITY }, scopeOf('event'));
    const admitted = validator.admit(event, new Uint8Array(0), {});
    const text = admitted.key ?? admitted.spread;
    return text === undefined ? undefined : partitions => partitionOf(text, partitions);
  } catch {
    return undefined;
  }
}
