// Sends an event of a Topic again: as a new event of the same Topic, checked as at its endpoint. It
// comes behind the events of its key, so no consumer sees another order than that of the log. For
// one consumer it goes the same way, and the others leave it out.

import type { ResendControl, ResendPlan, ResendRequest, ResentEvent } from '../../../admin/commands/resend-view.ts';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import { addressedTo, addressOf } from '../../../core/cloudevents/addressee.ts';
import { asSent } from '../../../core/cloudevents/as-sent.ts';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { dataPath } from '../../../core/cloudevents/data-reference.ts';
import { type AdmittedRecord, compileEventValidator } from '../../../core/cloudevents/event-validator.ts';
import { isJsonType } from '../../../core/cloudevents/media-type.ts';
import { dataBytesOf, exactFromRecord } from '../../../core/cloudevents/record.ts';
import { repeat } from '../../../core/cloudevents/repeats.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { createSchemaCompiler } from '../../../core/json-schema/json-schema.ts';
import { childContext, formatTraceparent } from '../../../core/trace-context.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import { createAppender } from '../../../gateway/endpoints/appender.ts';
import { refuseDeep, refusePrototype } from '../../../gateway/http/parse-json.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import type { Resource } from '../../../resources/resource.ts';
import { logTopicOf } from '../../../worker/plan/compile.ts';
import { readsTopic } from '../../../worker/plan/compile-pipelines.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { createMasking } from '../masking/masking.ts';
import { eventAt } from '../record-at.ts';
import type { StoryPlans } from '../stories/story-plans.ts';
import { editRecord } from './edit-record.ts';
import { noSuch } from './no-such.ts';

export interface ResendOptions extends StoryPlans {
  readonly world: World;
  readonly log: Pick<EventLog, 'append' | 'read'>;
}

/** `plan`: where a dispatcher hands the events out. */
interface ConsumerPlanned {
  readonly name: ConsumerName;
  readonly plan?: ConsumerPlan;
}

interface Prepared {
  readonly topic: string;
  readonly before: LogRecord;
  readonly event: CloudEvent;
  readonly repeats: ResendPlan['repeats'];
  readonly record: AdmittedRecord;
  readonly consumers: readonly ConsumerPlanned[];
  readonly others?: number;
}

/** The address of data in the blob store: they go when their event does. */
const OWN_REFERENCE = new RegExp(`^${dataPath('[^/]+', '')}`);

export function createResendControl(options: ResendOptions): ResendControl {
  const appender = createAppender(options.world, options.log);
  return {
    async plan(request): Promise<ResendPlan> {
      const { before, event, repeats, record, consumers, others } = await prepare(request, options);
      const { id: eventId, type, datacontenttype: contentType } = event;
      const edited = request.edit !== undefined;
      const names = consumers.map(({ name }) => name);
      const told = { eventId, repeats, type, key: record.key, keyBefore: before.key, edited, consumers: names };
      return {
        ...told,
        ...(contentType === undefined ? {} : { contentType }),
        bytes: record.value.length,
        ...(others === undefined ? {} : { others }),
        notes: [...notesOf(event, told), ...(others === undefined ? [] : noteOfFilter(consumers, record))],
      };
    },
    async send(request): Promise<ResentEvent> {
      const { topic, event, record } = await prepare(request, options);
      const [at] = await appender.append(topic, [record]);
      if (at) return { eventId: event.id, ...at };
      throw new TenfoldError('log-unavailable', 'The event log has not said where the event stands.');
    },
  };
}

async function prepare(request: ResendRequest, options: ResendOptions): Promise<Prepared> {
  const { world, log, resources } = options;
  const { namespace, topic: name, edit, eventId = world.id(), consumer } = request;
  const resource = resources().get('Topic', namespace, name);
  if (!resource) throw noSuch('Topic', namespace, name);
  const topic = logTopicOf(resource);
  const to = takersOf(consumersOf(topic, options), name, consumer);
  const { partition, record: before } = await eventAt(log, topic, request.place);
  if (before.isTombstone) {
    throw new TenfoldError('conflict', 'This record has no value. It deletes its key, and is no event to send again.');
  }
  const source =
    edit === undefined ? before : editRecord(before, edit, { mask: createMasking(resources).ofTopic(namespace, name) });
  const plain = { ...before, source: `/topics/${name}`, type: name, partition };
  const given = exactFromRecord(source, plain);
  if (OWN_REFERENCE.test(String(given['dataref'] ?? ''))) {
    const message = `The data of this event are kept elsewhere, and only as long as that event. Publish a new one, or send it again with data of its own.`;
    throw new TenfoldError('conflict', message);
  }
  if (edit !== undefined) refuseHostile(given, source.value);
  const event = repeat(given, eventId, { topic: name, partition, offset: before.offset });
  // A trace of its own: that of the first event ended with it.
  const trace = { traceparent: formatTraceparent(childContext(undefined)) };
  const headers = consumer === undefined ? trace : { ...trace, ...addressedTo(addressOf(consumer)) };
  const sent = asSent(event, dataBytesOf(source));
  const record = validatorFor(resource).admit(sent.event, sent.body, headers);
  return { topic, before, event: sent.event, repeats: { id: given.id, source: given.source }, record, ...to };
}

/** The bounds that the Topic's endpoint has. */
function refuseHostile({ datacontenttype: type = '', data }: CloudEvent, value: Uint8Array): void {
  if (!isJsonType(type)) return;
  refuseDeep(Buffer.from(value));
  refusePrototype(Buffer.from(value), data);
}

function validatorFor({ spec: { key, schema, maxSize } }: Resource<'Topic'>) {
  const compiled = schema === undefined ? undefined : createSchemaCompiler()(schema);
  return compileEventValidator({ key, schema: compiled, maxSize }, scopeOf('event'));
}

/** Without replays, which end where the Topic ended when they began. */
function consumersOf(topic: string, { consumers, views, pipelines }: StoryPlans): ConsumerPlanned[] {
  const of = <T>(all: readonly { readonly plan: T }[], reads: (plan: T) => boolean) =>
    all.map(({ plan }) => plan).filter(reads);
  return [
    ...consumers()
      .filter(({ settings, until }) => settings.topic === topic && until === undefined)
      .map(plan => ({ name: nameOfConsumer(plan), plan })),
    ...of(views.views, ({ sources }) => sources.some(each => each.topic === topic)).map(({ resource }) => {
      const { namespace, name } = resource.metadata;
      return { name: { kind: 'View', namespace, name } as const };
    }),
    ...of(pipelines.pipelines, plan => readsTopic(plan, topic)).map(({ settings }) => {
      const { namespace, name } = settings;
      return { name: { kind: 'Pipeline', namespace, name } as const };
    }),
  ];
}

/** All of them, or the one that is named. Throws `not-found` where it does not read the Topic. */
function takersOf(
  all: readonly ConsumerPlanned[],
  topic: string,
  wanted: ConsumerName | undefined,
): Pick<Prepared, 'consumers' | 'others'> {
  if (wanted === undefined) return { consumers: all };
  const found = all.filter(({ name }) => addressOf(name) === addressOf(wanted));
  if (found.length > 0) return { consumers: found, others: all.length - found.length };
  const { kind, namespace, name } = wanted;
  const near = all.map(each => each.name).filter(each => each.namespace === namespace);
  const known = near.slice(0, MOST_NAMED).map(each => `${each.kind} ${each.name}`);
  const more = near.length > known.length ? ` and ${near.length - known.length} more` : '';
  const there = known.length === 0 ? 'Nothing in that namespace does.' : `These do: ${known.join(', ')}${more}.`;
  const message = `No ${kind} "${name}" of namespace "${namespace}" reads Topic "${topic}". ${there}`;
  throw new TenfoldError('not-found', message);
}

/** Names in a message. */
const MOST_NAMED = 10;

/** The filter of a sync counts what it leaves out, so it is not asked. */
function noteOfFilter([one]: readonly ConsumerPlanned[], record: AdmittedRecord): string[] {
  const { sync, settings } = one?.plan ?? {};
  if (sync !== undefined || settings?.filter === undefined) return [];
  try {
    if (settings.filter({ ...record, offset: 0, timestamp: 0 })) return [];
    return ['Its filter leaves this event out: nothing would get it.'];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [`Its filter cannot decide about this event, which would be a dead letter: ${why}`];
  }
}

function notesOf(
  { time }: CloudEvent,
  { key, keyBefore, consumers }: Pick<ResendPlan, 'key' | 'keyBefore' | 'consumers'>,
): string[] {
  const notes: string[] = [];
  if (key !== keyBefore) {
    const words = (each: string | null) => (each === null ? 'none' : `"${each}"`);
    notes.push(
      `Its key is ${words(key)}, and was ${words(keyBefore)}: it takes its turn among the events of that key.`,
    );
  }
  if (time !== undefined && consumers.some(({ kind }) => kind === 'Pipeline')) {
    notes.push(`Its time stays ${time}. A Pipeline whose windows have passed that time counts it as late.`);
  }
  return notes;
}
