// Runs an event function for one event, and interprets its result: nothing, another event, or a
// response of its own.
import { type CloudEvent, isCloudEvent } from '../cloud-event.ts';
import type { Context } from '../context.ts';
import { isReply } from '../reply.ts';
import type { EventDefinition } from './definition.ts';
import { validate } from './validate.ts';

export type EventOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'event'; readonly event: CloudEvent }
  | { readonly kind: 'reply'; readonly value: unknown };

/** Throws what the handler threw, or a 400 problem when the data does not match. */
export async function runEvent(
  definition: EventDefinition,
  event: CloudEvent,
  context: Context,
): Promise<EventOutcome> {
  let input = event;
  if (definition.schema !== undefined) {
    const result = await validate(definition.schema, event.data, 'data');
    if ('problem' in result) throw result.problem;
    input = { ...event, data: result.value };
  }
  return outcomeOf(await definition.handler(input, context), event, context.functionName);
}

/**
 * The outcome of a handler's result. Throws a result that is an error: a returned error is no
 * success.
 */
export function outcomeOf(value: unknown, cause: CloudEvent, functionName: string): EventOutcome {
  if (value === undefined || value === null) return { kind: 'done' };
  if (value instanceof Error) throw value;
  if (isReply(value) || value instanceof Response) return { kind: 'reply', value };
  if (isCloudEvent(value)) return { kind: 'event', event: value };
  return { kind: 'event', event: replyEvent(value, cause, functionName) };
}

/**
 * The answer keeps subject and key of the event that caused it, so that order by key is kept too.
 */
function replyEvent(data: unknown, cause: CloudEvent, functionName: string): CloudEvent {
  return {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: `/functions/${functionName}`,
    type: `${cause.type}.reply`,
    time: new Date().toISOString(),
    ...(cause.subject === undefined ? {} : { subject: cause.subject }),
    ...(cause['partitionkey'] === undefined ? {} : { partitionkey: cause['partitionkey'] }),
    ...(data instanceof Uint8Array ? {} : { datacontenttype: 'application/json' }),
    data,
  };
}
