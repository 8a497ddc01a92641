// Delivers events by a call: one event as a CloudEvent in binary mode, several as a batch.

import { BATCH_TYPE } from '../../core/cloudevents/media-type.ts';
import { type PlainRecord, toHttpMessage, toJsonText } from '../../core/cloudevents/record.ts';
import { traceOfRecord } from '../../core/trace-context.ts';
import { tracestateField } from '../../core/tracing/tracestate.ts';
import { ATTEMPT_HEADER, DEPTH_HEADER } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import { readAnswerToOne, readBatchAnswer } from './batch-answer.ts';
import type { Caller } from './caller.ts';
import { consumerHeaders } from './consumer-headers.ts';
import type { DeliveryItem, Destination, Outcome } from './destination.ts';
import { originHeader } from './origin-fields.ts';
import { errorToOutcome, toOutcome } from './to-outcome.ts';

/** Results of many events, each of which may be as large as that of one. */
const MAX_BATCH_ANSWER_BYTES = 64 * 1024 * 1024;

export interface CallDestinationOptions {
  readonly world: World;
  readonly caller: Caller;
  readonly namespace: string;
  /** Resource name of the topic, for records in it that are no events. */
  readonly topic: string;
  /** For people, such as `Subscription/shop/receipts`. Undefined: the target is told none. */
  readonly consumer?: string | undefined;
  /** Events of a queue come from `/queues/…`. */
  readonly endpoint: 'topics' | 'queues';
  /** Whether every call carries a list of events, even of one. */
  readonly batch: boolean;
  readonly timeoutMs: number | undefined;
  readonly maxAnswerBytes: number;
  readonly priority: number;
  /** Consumer group, which takes turns with other callers of the same target. */
  readonly group?: string | undefined;
}

export function createCallDestination(options: CallDestinationOptions): Destination {
  const { caller, batch } = options;
  return {
    label: caller.label,
    deliver: (items, signal) => {
      const [only] = items;
      return only !== undefined && items.length === 1 && !batch
        ? deliverOne(options, only, signal)
        : deliverBatches(options, items, signal);
    },
  };
}

async function deliverOne(
  options: CallDestinationOptions,
  item: DeliveryItem,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const { world, caller } = options;
  const { record, attempt } = item;
  try {
    const { headers, body } = toHttpMessage(record, plainOf(options, item));
    headers.push(ATTEMPT_HEADER, String(attempt), DEPTH_HEADER, depthOf(item), 'content-length', String(body.length));
    headers.push(...originHeader(record, options.namespace), ...consumerOf(options, record.key));
    headers.push(...tracestateField(record));
    const { asksAlone } = item;
    const request = { ...common(options), headers, body, trace: item.trace ?? traceOfRecord(item.record), asksAlone };
    const answer = await caller.call(request, signal);
    return [readAnswerToOne(answer, idOf(item)) ?? toOutcome(answer, world.now())];
  } catch (error) {
    return [errorToOutcome(error)];
  }
}

/**
 * The headers of a call hold for all of its events. Events that have been in other systems go in a
 * call of their own.
 */
async function deliverBatches(
  options: CallDestinationOptions,
  items: readonly DeliveryItem[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const groups = Map.groupBy(items.keys(), index => quietOrigin(options, items[index]));
  if (groups.size < 2) return deliverBatch(options, items, signal);
  const outcomes: Outcome[] = new Array(items.length).fill(LOST);
  // Runs them one after the other: together they are one call of the consumer's concurrency.
  for (const indexes of groups.values()) {
    const mine = indexes.flatMap(index => items[index] ?? []);
    for (const [at, outcome] of (await deliverBatch(options, mine, signal)).entries()) {
      outcomes[indexes[at] ?? -1] = outcome;
    }
  }
  return outcomes;
}

async function deliverBatch(
  options: CallDestinationOptions,
  items: readonly DeliveryItem[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const { world, caller } = options;
  const outcomes: (Outcome | undefined)[] = new Array(items.length).fill(undefined);
  const texts: string[] = [];
  const ids: (string | undefined)[] = [];
  let attempt = 1;
  let depth = 0;
  let asksAlone = false;
  let origin: readonly string[] = [];
  for (const [index, item] of items.entries()) {
    try {
      origin = originHeader(item.record, options.namespace);
      texts.push(toJsonText(item.record, plainOf(options, item)));
      ids.push(idOf(item));
      attempt = Math.max(attempt, item.attempt);
      asksAlone ||= item.asksAlone ?? false;
      depth = Math.max(depth, Number(depthOf(item)));
    } catch (error) {
      // A record that is no event fails by itself and does not fail the others.
      outcomes[index] = errorToOutcome(error);
    }
  }
  if (texts.length > 0) {
    const body = Buffer.from(`[${texts.join(',')}]`);
    const headers = ['content-type', `${BATCH_TYPE}; charset=utf-8`, 'content-length', String(body.length)];
    headers.push(ATTEMPT_HEADER, String(attempt), DEPTH_HEADER, String(depth));
    headers.push(...origin, ...consumerOf(options));
    let answered: readonly Outcome[];
    try {
      const maxAnswerBytes = Math.max(options.maxAnswerBytes, MAX_BATCH_ANSWER_BYTES);
      const request = { ...common(options), headers, body, trace: items[0]?.trace, maxAnswerBytes, asksAlone };
      const answer = await caller.call(request, signal);
      answered = readBatchAnswer(answer, ids) ?? forAll(toOutcome(answer, world.now()), texts.length);
    } catch (error) {
      answered = forAll(errorToOutcome(error), texts.length);
    }
    let next = 0;
    for (let index = 0; index < outcomes.length; index++) outcomes[index] ??= answered[next++];
  }
  return outcomes.map(outcome => outcome ?? LOST);
}

const LOST: Outcome = { kind: 'failed', retryable: true, error: { message: 'Nothing was said of the event.' } };

/** The outcome of a whole batch, which says nothing of a single event. */
function forAll(outcome: Outcome, count: number): readonly Outcome[] {
  const each: Outcome = outcome.kind === 'done' ? { kind: 'done' } : outcome;
  return Array.from({ length: count }, () => each);
}

function consumerOf({ consumer }: CallDestinationOptions, key?: string | null): readonly string[] {
  return consumer === undefined ? [] : consumerHeaders(consumer, key);
}

/** The id as far as it can be read without parsing the event. */
function idOf({ record }: DeliveryItem): string | undefined {
  return record.headers['ce_id'];
}

function common({ timeoutMs, maxAnswerBytes, priority, group }: CallDestinationOptions) {
  return { method: 'POST', path: '/', timeoutMs, maxAnswerBytes, priority, party: group };
}

/** An unreadable origin is refused where the event is parsed. */
function quietOrigin({ namespace }: CallDestinationOptions, item: DeliveryItem | undefined): string {
  try {
    return item === undefined ? '' : originHeader(item.record, namespace).join();
  } catch {
    return '';
  }
}

function depthOf({ record: { headers } }: DeliveryItem): string {
  const depth = headers[DEPTH_HEADER];
  return depth !== undefined && /^[0-9]{1,4}$/.test(depth) ? depth : '0';
}

function plainOf({ topic, endpoint }: CallDestinationOptions, { partition, record }: DeliveryItem): PlainRecord {
  return {
    source: `/${endpoint}/${topic}`,
    type: topic,
    partition,
    offset: record.offset,
    timestamp: record.timestamp,
  };
}
