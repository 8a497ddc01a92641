// Records a span for each delivery, as the conventions of OpenTelemetry for consumers say: it
// continues the trace of a single event, and has links to those of a batch.
import { isSampled, traceOfRecord } from '../../core/trace-context.ts';
import { setMessaging, setPlace } from '../../core/tracing/send-span.ts';
import type { Span } from '../../core/tracing/span.ts';
import type { Tracer } from '../../core/tracing/tracer.ts';
import { contextOfRecord } from '../../core/tracing/tracestate.ts';
import { failureReasonOf } from '../dispatch/failed-attempt.ts';
import type { DeliveryItem, Destination, Outcome } from './destination.ts';

export interface ConsumerFacts {
  /** Name of the topic in the log. */
  readonly topic: string;
  readonly group: string;
  /** For people, such as `Subscription/shop/receipts`. */
  readonly consumer: string;
}

export function withSpans(destination: Destination, tracer: Tracer, facts: ConsumerFacts): Destination {
  return {
    label: destination.label,
    async deliver(items, signal) {
      const [first] = items;
      const span =
        first !== undefined && items.length === 1 ? beginOne(tracer, facts, first) : beginBatch(tracer, facts, items);
      try {
        const outcomes = await destination.deliver(
          items.map(item => ({ ...item, trace: span })),
          signal,
        );
        // The next owner of the partition delivers again what this one was told to stop.
        if (signal.aborted) span.set('tenfold.given_up', outcomes.some(({ kind }) => kind !== 'done') || undefined);
        else for (const [index, outcome] of outcomes.entries()) tell(tracer, span, items[index], outcome, items.length);
        return outcomes;
      } catch (error) {
        if (signal.aborted) span.set('tenfold.given_up', true);
        else span.fail('internal', error instanceof Error ? error.message : undefined);
        throw error;
      } finally {
        span.finish();
      }
    },
  };
}

function beginOne(tracer: Tracer, facts: ConsumerFacts, item: DeliveryItem): Span {
  const { record, partition, attempt, parked } = item;
  const span = describe(tracer.begin(contextOfRecord(record), 'consumer', `process ${facts.topic}`), facts)
    .set('messaging.message.id', record.headers['ce_id'])
    .set('tenfold.attempt', attempt);
  setPlace(span, { partition, offset: record.offset });
  // All later attempts are exported, by everybody who has a part in them.
  if (parked) span.part.keep('parked');
  return span;
}

function beginBatch(tracer: Tracer, facts: ConsumerFacts, items: readonly DeliveryItem[]): Span {
  const traces = items.flatMap(({ record }) => contextOfRecord(record) ?? []);
  const span = tracer.begin(undefined, 'consumer', `process ${facts.topic}`);
  span.links = traces.map(({ traceId, spanId, tracestate }) => ({ traceId, spanId, tracestate }));
  if (traces.some(trace => isSampled(trace) || tracer.isKept(trace.traceId))) span.part.sample();
  if (items.some(({ parked }) => parked)) span.part.keep('parked');
  return describe(span, facts).set('messaging.batch.message_count', items.length);
}

function describe(span: Span, { topic, group, consumer }: ConsumerFacts): Span {
  span.part.waitForOthers();
  return setMessaging(span, topic, 'process', 'process')
    .set('messaging.consumer.group.name', group)
    .set('tenfold.consumer', consumer);
}

function tell(tracer: Tracer, span: Span, item: DeliveryItem | undefined, outcome: Outcome, count: number): void {
  if (outcome.kind === 'done' || item === undefined) return;
  const isFailure = outcome.kind === 'failed';
  span.fail(failureReasonOf(outcome), outcome.error.message, isFailure);
  // The trace of a batch is not that of its events.
  const event = count > 1 && isFailure ? traceOfRecord(item.record)?.traceId : undefined;
  if (event !== undefined) tracer.keep(event, 'failed');
}
