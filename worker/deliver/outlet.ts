// Puts events into a Topic on behalf of a consumer: checked as at its door, with ids by which repeats are recognised.
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { compileGate } from '../../core/cloudevents/gate.ts';
import { joinOrigins, originOf, originOfRecord, withOrigin } from '../../core/cloudevents/origins.ts';
import { TenfoldError } from '../../core/errors.ts';
import { createSchemaCompiler } from '../../core/json-schema/json-schema.ts';
import { topicOf } from '../../core/names.ts';
import { DEPTH_HEADER, MAX_DEPTH } from '../../core/wire.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import type { DeliveryItem } from './destination.ts';

export interface Outlet {
  /** Durable when it resolves. `cause`: the event on whose behalf it is published. Rejects when the topic does not take it. */
  publish(event: CloudEvent, cause: DeliveryItem, body?: Uint8Array): Promise<void>;
}

export function createOutlet(log: EventLog, resource: Resource<'Topic'>): Outlet {
  const { metadata, spec } = resource;
  const topic = spec.kafka?.topic ?? topicOf(metadata.namespace, metadata.name);
  const schema = spec.schema === undefined ? undefined : createSchemaCompiler()(spec.schema);
  const gate = compileGate({ key: spec.key, schema, maxSize: spec.maxSize }, scopeOf('event'));
  return {
    async publish(event, cause, body) {
      const marked = withOrigin(event, joinOrigins(originOf(event), originOfRecord(cause.record)));
      const record = gate.admit(marked, body, inheritedHeaders(cause));
      await log.append(topic, [record]);
    },
  };
}

/** What an event that is made of another inherits of it: its trace, and one step more on the way. */
export function inheritedHeaders({ record: { headers } }: DeliveryItem): Record<string, string> {
  const depth = Number(headers[DEPTH_HEADER] ?? 0) + 1;
  if (depth >= MAX_DEPTH) {
    throw new TenfoldError('loop-detected', `Events have led to one another ${depth} times; this looks like a loop.`);
  }
  const trace = headers['traceparent'];
  return { [DEPTH_HEADER]: String(depth), ...(trace === undefined ? {} : { traceparent: trace }) };
}
