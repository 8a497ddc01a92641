// Sends an event of a Topic again: as a new event of the same Topic, checked as at its endpoint. It
// comes behind the events of its key, so no consumer sees another order than that of the log.
import type { ResendControl, ResendPlan, ResendRequest, ResentEvent } from '../../../admin/commands/resend-view.ts';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { dataPath } from '../../../core/cloudevents/data-reference.ts';
import { type AdmittedRecord, compileEventValidator } from '../../../core/cloudevents/event-validator.ts';
import { isJsonType } from '../../../core/cloudevents/media-type.ts';
import { dataBytesOf, fromRecord } from '../../../core/cloudevents/record.ts';
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
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import { eventAt } from '../record-at.ts';
import type { StoryPlans } from '../stories/story-plans.ts';
import { editRecord } from './edit-record.ts';
import { noSuch } from './no-such.ts';

export interface ResendOptions extends StoryPlans {
  readonly world: World;
  readonly log: Pick<EventLog, 'append' | 'read'>;
}

interface Prepared {
  readonly topic: string;
  readonly before: LogRecord;
  readonly event: CloudEvent;
  readonly repeats: ResendPlan['repeats'];
  readonly record: AdmittedRecord;
}

/** The address of data in the blob store: they go when their event does. */
const OWN_REFERENCE = new RegExp(`^${dataPath('[^/]+', '')}`);

export function createResendControl(options: ResendOptions): ResendControl {
  const appender = createAppender(options.world, options.log);
  return {
    async plan(request): Promise<ResendPlan> {
      const { topic, before, event, repeats, record } = await prepare(request, options);
      const { id: eventId, type, datacontenttype: contentType } = event;
      const edited = request.edit !== undefined;
      const consumers = consumersOf(topic, options);
      const told = { eventId, repeats, type, key: record.key, keyBefore: before.key, edited, consumers };
      return {
        ...told,
        ...(contentType === undefined ? {} : { contentType }),
        bytes: record.value.length,
        notes: notesOf(event, told),
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

async function prepare(request: ResendRequest, { world, log, resources }: ResendOptions): Promise<Prepared> {
  const { namespace, topic: name, edit, eventId = world.id() } = request;
  const resource = resources().get('Topic', namespace, name);
  if (!resource) throw noSuch('Topic', namespace, name);
  const topic = logTopicOf(resource);
  const { partition, record: before } = await eventAt(log, topic, request.place);
  if (before.isTombstone) {
    throw new TenfoldError('conflict', 'This record has no value. It deletes its key, and is no event to send again.');
  }
  const source = edit === undefined ? before : editRecord(before, edit);
  const plain = { ...before, source: `/topics/${name}`, type: name, partition };
  const given = fromRecord(source, plain);
  if (OWN_REFERENCE.test(String(given['dataref'] ?? ''))) {
    const message = `The data of this event are kept elsewhere, and only as long as that event. Publish a new one, or send it again with data of its own.`;
    throw new TenfoldError('conflict', message);
  }
  if (edit !== undefined) refuseHostile(given, source.value);
  const event = repeat(given, eventId, { topic: name, partition, offset: before.offset });
  // A trace of its own: that of the first event ended with it.
  const headers = { traceparent: formatTraceparent(childContext(undefined)) };
  const record = validatorFor(resource).admit(event, dataBytesOf(source), headers);
  return { topic, before, event, repeats: { id: given.id, source: given.source }, record };
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
function consumersOf(topic: string, { consumers, views, pipelines }: StoryPlans): ConsumerName[] {
  const of = <T>(all: readonly { readonly plan: T }[], reads: (plan: T) => boolean) =>
    all.map(({ plan }) => plan).filter(reads);
  return [
    ...consumers()
      .filter(({ settings, until }) => settings.topic === topic && until === undefined)
      .map(nameOfConsumer),
    ...of(views.views, ({ sources }) => sources.some(each => each.topic === topic)).map(({ resource }) => {
      const { namespace, name } = resource.metadata;
      return { kind: 'View', namespace, name } as const;
    }),
    ...of(pipelines.pipelines, ({ settings }) => settings.topic === topic).map(({ settings }) => {
      const { namespace, name } = settings;
      return { kind: 'Pipeline', namespace, name } as const;
    }),
  ];
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
