// Declares a function that handles many events in one call and says for each how it went.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CloudEvent } from './cloud-event.ts';
import type { Context } from './context.ts';
import { type BatchDefinition, DEFINITION, type Defined } from './kernel/definition.ts';

export interface BatchFunction<Data = unknown> extends Defined<BatchDefinition> {
  readonly '~data'?: Data;
}

/**
 * How one event of a batch went: nothing or `{ status: 'fulfilled', value }`
 * when it is done; an error, or
 * `{ status: 'rejected', reason }`, when it failed. The list that
 * `Promise.allSettled` gives is such a list.
 * `value` is the result, as what an `event()` function returns.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: handlers without a result have the result type void
export type ItemOutcome = undefined | void | null | Error | PromiseSettledResult<unknown>;

/** Nothing when all events are done, or one outcome for each event, in the order of the events. */
// biome-ignore lint/suspicious/noConfusingVoidType: see above
export type BatchOutcome = void | undefined | readonly ItemOutcome[];

/** One entry of the answer to a batch; entries are in the order of the events sent. */
export interface BatchResult {
  /** The event's id. */
  readonly id: string;
  /**
   * 2xx done, with a result or without; 4xx failed for good (except 408, 425 and 429); 5xx and
   * those may be tried again.
   */
  readonly status: number;
  /** Seconds before which it should not be tried again. */
  readonly retryAfterSeconds?: number;
  /** The result as a JSON value. */
  readonly data?: unknown;
  /** The result where it is no JSON: its bytes. */
  readonly data_base64?: string;
  /** Media type of `data_base64`. */
  readonly datacontenttype?: string;
  /**
   * The result where it is an event, in CloudEvents' JSON format: what a
   * Subscription with `reply` publishes.
   */
  readonly event?: Readonly<Record<string, unknown>>;
  /** Problem document (RFC 9457) of a failed event. */
  readonly error?: Readonly<Record<string, unknown>>;
}

/**
 * `export default batch(Order, events => Promise.allSettled(events.map(event =>
 * save(event.data))))`
 *
 * On the wire: the request is a JSON array of events (`application/cloudevents-batch+json`). The
 * answer is 204 when every event is done and none has a result, or 207 with `{ "results":
 * BatchResult[] }`, one entry for each event in the order sent. A single event is answered as an
 * `event()` function answers. An event whose data does not match the schema never reaches the
 * handler; its entry is a 400. An error of the handler fails the whole batch with its status.
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
