// The spans of deliveries, and of what becomes of events that fail.
import assert from 'node:assert/strict';
import type { DeliveryItem, Outcome } from '../../../worker/deliver/destination.ts';
import { withSettleSpans } from '../../../worker/deliver/settle-spans.ts';
import { withSpans } from '../../../worker/deliver/with-spans.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import { recordSpans } from '../../core/tracing/record-spans.ts';

const FACTS = { topic: 'shop.orders', group: 'g', consumer: 'Subscription/shop/billing' };
const traceOf = (digit: string) => digit.repeat(32);
const never = new AbortController().signal;
const FAILED: Outcome = { kind: 'failed', retryable: true, error: { message: 'no price', status: 500 } };

function itemOf(digit: string, flags = '00', offset = 7): DeliveryItem {
  const traceparent = `00-${traceOf(digit)}-${digit.repeat(16)}-${flags}`;
  const headers = { traceparent, tracestate: `${digit}=1`, ce_id: `id-${digit}` };
  return {
    partition: 2,
    attempt: 1,
    record: { offset, key: null, value: Buffer.alloc(0), headers, timestamp: 0 },
  };
}

describe('the span of a delivery', () => {
  async function deliver(items: readonly DeliveryItem[], outcomes: readonly Outcome[], ratio = 0, signal = never) {
    const recorded = recordSpans({ sampling: { ratio, parentBased: true } });
    let seen: readonly DeliveryItem[] = [];
    const destination = withSpans(
      {
        label: 'x',
        async deliver(given) {
          seen = given;
          return outcomes;
        },
      },
      recorded.tracer,
      FACTS,
    );
    await destination.deliver(items, signal);
    return { ...recorded, seen };
  }

  it('of one event continues its publication, and its target continues the span', async () => {
    const { spans, seen } = await deliver([itemOf('a', '01')], [{ kind: 'done' }]);
    const [span] = spans;
    assert.deepEqual([span?.traceId, span?.parentSpanId, span?.kind], [traceOf('a'), 'a'.repeat(16), 'consumer']);
    assert.equal(seen[0]?.trace?.spanId, span?.spanId);
    assert.equal(span?.tracestate, 'a=1');
    assert.deepEqual(span?.attributes, {
      'messaging.system': 'tenfold',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'shop.orders',
      'messaging.consumer.group.name': 'g',
      'tenfold.consumer': 'Subscription/shop/billing',
      'messaging.message.id': 'id-a',
      'tenfold.attempt': 1,
      'messaging.destination.partition.id': '2',
      'tenfold.offset': 7,
    });
  });

  it('of an event that nobody sampled is exported when it fails', async () => {
    assert.equal((await deliver([itemOf('a')], [{ kind: 'done' }])).spans.length, 0);
    const { spans, told } = await deliver([itemOf('a')], [FAILED]);
    assert.deepEqual([spans[0]?.attributes['error.type'], spans[0]?.message], ['TargetFailed', 'no price']);
    assert.deepEqual(told, [traceOf('a')]);
  });

  it('of a parked event is exported, and so is all that it calls', async () => {
    const { spans, seen } = await deliver([{ ...itemOf('a'), parked: true, attempt: 2 }], [{ kind: 'done' }]);
    assert.deepEqual([spans.length, seen[0]?.trace?.flags], [1, '01']);
  });

  it('of a batch has a link to each publication', async () => {
    const { spans } = await deliver([itemOf('a', '01'), itemOf('b')], [{ kind: 'done' }, { kind: 'done' }]);
    assert.deepEqual(spans[0]?.links, [
      { traceId: traceOf('a'), spanId: 'a'.repeat(16), tracestate: 'a=1' },
      { traceId: traceOf('b'), spanId: 'b'.repeat(16), tracestate: 'b=1' },
    ]);
    assert.equal(spans[0]?.tracestate, undefined);
    assert.equal(spans[0]?.attributes['messaging.batch.message_count'], 2);
    assert.ok(![traceOf('a'), traceOf('b')].includes(spans[0]?.traceId ?? ''));
  });

  it('of a batch is exported where somebody sampled an event, whatever else the flags say', async () => {
    for (const [flags, exported] of Object.entries({ '00': 0, '01': 1, '02': 0, '03': 1 })) {
      const { spans } = await deliver([itemOf('a', flags), itemOf('b')], [{ kind: 'done' }, { kind: 'done' }]);
      assert.equal(spans.length, exported, flags);
    }
  });

  it('of a batch keeps the traces of the events that failed, and no others', async () => {
    const { spans, told } = await deliver([itemOf('a'), itemOf('b')], [{ kind: 'done' }, FAILED]);
    assert.equal(spans.length, 1);
    assert.deepEqual(told.toSorted(), [traceOf('b'), spans[0]?.traceId ?? ''].toSorted());
  });

  it('is no failure where the delivery was told to stop, as another process delivers again', async () => {
    const stopped = AbortSignal.abort();
    for (const items of [[itemOf('a')], [itemOf('a'), itemOf('b')]])
      assert.deepEqual((await deliver(items, [FAILED, FAILED], 0, stopped)).told, []);
    const { spans } = await deliver([itemOf('a', '01')], [FAILED], 0, stopped);
    assert.deepEqual([spans[0]?.failed, spans[0]?.attributes['tenfold.given_up']], [false, true]);
    const { spans: done } = await deliver([itemOf('a', '01')], [{ kind: 'done' }], 0, stopped);
    assert.deepEqual([done[0]?.failed, done[0]?.attributes['tenfold.given_up']], [false, undefined]);
  });

  it('ends also where the destination rejects', async () => {
    const { tracer, spans } = recordSpans({ sampling: { ratio: 0, parentBased: true } });
    const reject = () => Promise.reject(new Error('a bug'));
    const rejecting = withSpans({ label: 'x', deliver: reject }, tracer, FACTS);
    await assert.rejects(rejecting.deliver([itemOf('a')], never), /a bug/);
    assert.deepEqual([spans[0]?.failed, spans[0]?.message], [true, 'a bug']);
  });

  it('is not kept for a target that asks for a pause', async () => {
    const later: Outcome = { kind: 'later', afterMs: 100, error: { message: 'busy', status: 503 } };
    assert.equal((await deliver([itemOf('a')], [later])).spans.length, 0);
  });
});

describe('the spans of events that are parked or given up', () => {
  it('are exported whatever was sampled, in the trace of the event', () => {
    const { tracer, spans } = recordSpans({ sampling: { ratio: 0, parentBased: true } });
    const observer = withSettleSpans(silentObserver, tracer, FACTS);
    const { record } = itemOf('a');
    observer.parked(2, record, false);
    const letter = { partition: 2, offset: 7, generation: 0, attempts: 3, at: 0, held: false, record };
    observer.deadLettered({ ...letter, reason: 'exhausted', error: { message: 'no price' } });
    assert.deepEqual(
      spans.map(({ name, traceId, failed }) => [name, traceId, failed]),
      [
        ['park shop.orders', traceOf('a'), false],
        ['dead-letter shop.orders', traceOf('a'), true],
      ],
    );
  });
});
