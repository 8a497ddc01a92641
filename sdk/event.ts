// Declares a function that handles one event at a time.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CloudEvent } from './cloud-event.ts';
import type { Context } from './context.ts';
import { DEFINITION, type Defined, type EventDefinition } from './kernel/definition.ts';

/** A function that handles events whose data is `Data`. */
export interface EventFunction<Data = unknown> extends Defined<EventDefinition> {
  readonly '~data'?: Data;
}

/**
 * `export default event(Order, async (event, context) => { await brew(event.data); })`
 *
 * Returning nothing acknowledges the event (204). Returning a CloudEvent, or data for one, answers
 * with that event. An error fails the attempt: `doNotRetry(detail)` for good, `retryAfter(seconds)`
 * until then, anything else is tried again by the policy. Data that does not match the schema fails
 * for good (400 with all issues).
 */
export function event<Data = unknown>(
  handler: (event: CloudEvent<Data>, context: Context) => unknown,
): EventFunction<Data>;
export function event<Schema extends StandardSchemaV1>(
  schema: Schema,
  handler: (event: CloudEvent<StandardSchemaV1.InferOutput<Schema>>, context: Context) => unknown,
): EventFunction<StandardSchemaV1.InferInput<Schema>>;
export function event(first: unknown, second?: EventDefinition['handler']): EventFunction {
  const definition: EventDefinition =
    second === undefined
      ? { kind: 'event', schema: undefined, handler: first as EventDefinition['handler'] }
      : { kind: 'event', schema: first as StandardSchemaV1, handler: second };
  if (typeof definition.handler !== 'function')
    throw new TypeError('event() needs a handler: event(schema?, handler).');
  return { [DEFINITION]: definition };
}
