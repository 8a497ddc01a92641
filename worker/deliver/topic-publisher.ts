// Puts events into a Topic on behalf of a consumer. They are checked as at the Topic's endpoint,
// and have ids by which repeats are recognised.
import { asSent } from '../../core/cloudevents/as-sent.ts';
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { compileEventValidator } from '../../core/cloudevents/event-validator.ts';
import { joinOrigins, originOf, originOfRecord, withOrigin } from '../../core/cloudevents/origins.ts';
import { TenfoldError } from '../../core/errors.ts';
import { createSchemaCompiler } from '../../core/json-schema/json-schema.ts';
import { topicOf } from '../../core/names.ts';
import { formatTraceparent } from '../../core/trace-context.ts';
import { type Sending, sendWithin, setPlace } from '../../core/tracing/send-span.ts';
import { tracestateOfRecord } from '../../core/tracing/tracestate.ts';
import { DEPTH_HEADER, MAX_DEPTH } from '../../core/wire.ts';
import type { AppendedAt, EventLog } from '../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import type { DeliveryItem } from './destination.ts';

export interface TopicPublisher {
  /**
   * Durable when it resolves. `cause`: the event on whose behalf it is published. Rejects when the
   * topic does not take it.
   */
  publish(event: CloudEvent, cause: DeliveryItem, body?: Uint8Array): Promise<void>;
}

export function createPublisher(log: EventLog, resource: Resource<'Topic'>): TopicPublisher {
  const { metadata, spec } = resource;
  const topic = spec.kafka?.topic ?? topicOf(metadata.namespace, metadata.name);
  const schema = spec.schema === undefined ? undefined : createSchemaCompiler()(spec.schema);
  const validator = compileEventValidator({ key: spec.key, schema, maxSize: spec.maxSize }, scopeOf('event'));
  return {
    async publish(event, cause, body) {
      const marked = withOrigin(event, joinOrigins(originOf(event), originOfRecord(cause.record)));
      await sendFor(cause, { topic, id: marked.id }, async headers => {
        const sent = asSent(marked, body);
        const [place] = await log.append(topic, [validator.admit(sent.event, sent.body, headers)]);
        return place;
      });
    },
  };
}

/**
 * Sends an event on behalf of another one, in a span of its own where spans are recorded.
 * `send`: takes the headers that it inherits, and answers with its place.
 */
export function sendFor(
  cause: DeliveryItem,
  sending: Sending,
  send: (headers: Record<string, string>) => Promise<AppendedAt | undefined>,
): Promise<unknown> {
  if (cause.trace === undefined) return send(inheritedHeaders(cause));
  return sendWithin(cause.trace, sending, async (trace, span) =>
    setPlace(span, await send(inheritedHeaders({ ...cause, trace }))),
  );
}

/**
 * The headers that an event inherits from the event that it is made of: its trace, and one more
 * hop.
 */
export function inheritedHeaders({ record: { headers }, trace: own }: DeliveryItem): Record<string, string> {
  const depth = Number(headers[DEPTH_HEADER] ?? 0) + 1;
  if (depth >= MAX_DEPTH) {
    throw new TenfoldError('loop-detected', `Events have led to one another ${depth} times; this looks like a loop.`);
  }
  const trace = own === undefined ? headers['traceparent'] : formatTraceparent(own);
  if (trace === undefined) return { [DEPTH_HEADER]: String(depth) };
  const state = tracestateOfRecord({ headers });
  return { [DEPTH_HEADER]: String(depth), traceparent: trace, ...(state === undefined ? {} : { tracestate: state }) };
}
