// Records a span for each batch of a stage of a View, a Pipeline, an archive or a FanOut. It
// continues the trace of a single event, and has links to those of several.
import { isSampled } from '../../core/trace-context.ts';
import { setMessaging, setPlace } from '../../core/tracing/send-span.ts';
import type { Span, SpanLink } from '../../core/tracing/span.ts';
import type { Tracer } from '../../core/tracing/tracer.ts';
import { contextOfRecord } from '../../core/tracing/tracestate.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { StageBatch, StageObserver } from './stage.ts';

/** As many as an SDK of OpenTelemetry keeps. The span says how many there are besides. */
const MOST_LINKS = 128;

/** `consumer`: for people, such as `View/shop/totals`. */
export function withStageSpans(observer: StageObserver, tracer: Tracer | undefined, consumer: string): StageObserver {
  if (tracer === undefined) return observer;
  return {
    ...observer,
    began(batch) {
      const span = beginBatch(tracer, batch)
        .set('messaging.consumer.group.name', batch.group)
        .set('tenfold.consumer', consumer);
      return ({ failure, isGivenUp }) => {
        span.set('tenfold.given_up', isGivenUp);
        if (failure !== undefined) span.fail(typeOf(failure), failure instanceof Error ? failure.message : undefined);
        span.finish();
      };
    },
    refused(partition, record, error) {
      observer.refused(partition, record, error);
      const span = tracer.begin(contextOfRecord(record), 'client', `dead-letter ${consumer}`);
      span.part.keep('parked');
      setPlace(span, { partition, offset: record.offset });
      span
        .set('messaging.system', tracer.messagingSystem)
        .set('messaging.operation.name', 'dead-letter')
        .set('messaging.operation.type', 'settle')
        .set('messaging.message.id', record.headers['ce_id'])
        .set('tenfold.consumer', consumer)
        .fail('unusable', error instanceof Error ? error.message : String(error))
        .finish();
    },
  };
}

function beginBatch(tracer: Tracer, { topic, partition, records }: StageBatch): Span {
  const name = `process ${topic}`;
  const [only] = records;
  if (only !== undefined && records.length === 1) {
    const span = tracer.begin(contextOfRecord(only), 'consumer', name);
    span.part.waitForOthers();
    setMessaging(span, topic, 'process', 'process').set('messaging.message.id', only.headers['ce_id']);
    setPlace(span, { partition, offset: only.offset });
    return span;
  }
  const span = tracer.begin(undefined, 'consumer', name);
  linkTo(span, tracer, records);
  return setMessaging(span, topic, 'process', 'process')
    .set('messaging.destination.partition.id', String(partition))
    .set('messaging.batch.message_count', records.length);
}

/** Events of one trace have one link. The span is sampled if one of them is. */
function linkTo(span: Span, tracer: Tracer, records: readonly LogRecord[]): void {
  const links = new Map<string, SpanLink>();
  for (const record of records) {
    const trace = contextOfRecord(record);
    if (trace === undefined || !(isSampled(trace) || tracer.isKept(trace.traceId))) continue;
    const { traceId, spanId, tracestate } = trace;
    links.set(spanId, { traceId, spanId, tracestate });
  }
  if (links.size > 0) span.part.sample();
  span.links = [...links.values()].slice(0, MOST_LINKS);
  span.droppedLinks = links.size - span.links.length;
}

function typeOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown';
  return 'code' in failure && typeof failure.code === 'string' ? failure.code : failure.name;
}
