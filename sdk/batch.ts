// Declares a function that handles many events in one call and says for each how it went.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CloudEvent } from './cloud-event.ts';
import type { Context } from './context.ts';
import { type BatchDefinition, DEFINITION, type Defined } from './kernel/definition.ts';

export interface BatchFunction<Data = unknown> extends Defined<BatchDefinition> {
  readonly '~data'?: Data;
}

/**
 * How one event of a batch went: nothing or `{ status: 'fulfilled' }` when it is done; an error, or `{ status: 'rejected', reason }`,
 * when it failed. The list that `Promise.allSettled` gives is such a list.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: handlers without a result have the result type void
export type ItemOutcome = undefined | void | null | Error | PromiseSettledResult<unknown>;

/** Nothing when all events are done, or one outcome for each event, in the order of the events. */
// biome-ignore lint/suspicious/noConfusingVoidType: see above
export type BatchOutcome = void | undefined | readonly ItemOutcome[];

/** One entry of the answer to a partly failed batch; entries are in the order of the events sent. */
export interface BatchResult {
  /** The event's id. */
  readonly id: string;
  /** 204, or 200 with `data`, done; 4xx failed for good (except 408, 425 and 429); 5xx and those may be tried again. */
  readonly status: number;
  /** Seconds before which it should not be tried again. */
  readonly retryAfterSeconds?: number;
  /** The result of an item of a FanOut: what its promise in `Promise.allSettled` was fulfilled with. */
  readonly data?: unknown;
  /** Problem document (RFC 9457) of a failed event. */
  readonly error?: Readonly<Record<string, unknown>>;
}

/**
 * `export default batch(Order, events => Promise.allSettled(events.map(event => save(event.data))))`
 *
 * On the wire: the request is a JSON array of events (`application/cloudevents-batch+json`); a single event is taken as a batch of
 * one. The answer is 204 when every event is done, or 207 with `{ "results": BatchResult[] }`, one entry for each event in the order
 * sent. An event whose data does not match the schema gets a 400 entry and never reaches the handler. What the handler throws fails
 * the whole batch with that one status.
 */
export function batch<Data = unknown>(
  handler: (events: CloudEvent<Data>[], context: Context) => BatchOutcome | Promise<BatchOutcome>,
): BatchFunction<Data>;
export function batch<Schema extends StandardSchemaV1>(
  schema: Schema,
  handler: (
    events: CloudEvent<StandardSchemaV1.InferOutput<Schema>>[],
    context: Context,
  ) => BatchOutcome | Promise<BatchOutcome>,
): BatchFunction<StandardSchemaV1.InferInput<Schema>>;
export function batch(first: unknown, second?: BatchDefinition['handler']): BatchFunction {
  const definition: BatchDefinition =
    second === undefined
      ? { kind: 'batch', schema: undefined, handler: first as BatchDefinition['handler'] }
      : { kind: 'batch', schema: first as StandardSchemaV1, handler: second };
  if (typeof definition.handler !== 'function')
    throw new TypeError('batch() needs a handler: batch(schema?, handler).');
  return { [DEFINITION]: definition };
}
