// Spans for what becomes of an event that failed: it is parked or given up. Their traces are
// exported whole, whatever was sampled.
import { setMessaging, setPlace } from '../../core/tracing/send-span.ts';
import type { Span } from '../../core/tracing/span.ts';
import type { Tracer } from '../../core/tracing/tracer.ts';
import { contextOfRecord } from '../../core/tracing/tracestate.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { DispatchObserver } from '../dispatch/observer.ts';
import type { ConsumerFacts } from './with-spans.ts';

export function withSettleSpans(observer: DispatchObserver, tracer: Tracer, facts: ConsumerFacts): DispatchObserver {
  const begin = (operation: string, partition: number, offset: number, record: Pick<LogRecord, 'headers'>): Span => {
    const span = tracer.begin(contextOfRecord(record), 'client', `${operation} ${facts.topic}`);
    span.part.keep('parked');
    setPlace(span, { partition, offset });
    return setMessaging(span, facts.topic, operation, 'settle')
      .set('messaging.consumer.group.name', facts.group)
      .set('messaging.message.id', record.headers['ce_id'])
      .set('tenfold.consumer', facts.consumer);
  };
  return {
    ...observer,
    parked(partition, record, follower) {
      observer.parked(partition, record, follower);
      begin('park', partition, record.offset, record).set('tenfold.follower', follower).finish();
    },
    deadLettered(letter) {
      observer.deadLettered(letter);
      const { partition, offset, record, reason, attempts, held, error } = letter;
      begin(held ? 'hold' : 'dead-letter', partition, offset, record)
        .set('tenfold.attempts', attempts)
        .fail(reason, error?.message)
        .finish();
    },
  };
}
