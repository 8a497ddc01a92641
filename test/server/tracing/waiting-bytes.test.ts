// Spans that wait as bytes come back whole, the oldest are forgotten first, and each is counted.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Span } from '../../../core/tracing/span.ts';
import { ByteWriter } from '../../../server/tracing/byte-writer.ts';
import { writeSpan } from '../../../server/tracing/span-encoder.ts';
import { WaitingBytes, type WaitingBytesOptions } from '../../../server/tracing/waiting-bytes.ts';
import { recordSpans } from '../../core/tracing/record-spans.ts';

const TRACES = ['a', 'b', 'c', 'd', 'e'].map(digit => digit.repeat(32));

function spanOf(trace: string, name: string): Span {
  const { tracer } = recordSpans({ exported() {} });
  const span = tracer.begin({ traceId: trace, spanId: '1'.repeat(16), flags: '00' }, 'consumer', name);
  span.finish();
  return span;
}

function bytesOf(span: Span): string {
  const to = new ByteWriter();
  writeSpan(to, span);
  return to.take().toString('hex');
}

function hold(options: Partial<WaitingBytesOptions> = {}) {
  const exported: string[] = [];
  const waiting = new WaitingBytes({
    maxSpans: 1000,
    maxBytes: 1_000_000,
    waitMs: 1000,
    seed: 7,
    exported: (_, bytes) => exported.push(Buffer.from(bytes).toString('hex')),
    ...options,
  });
  return { waiting, exported };
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ add: fc.constantFrom(...TRACES), length: fc.integer({ min: 0, max: 300 }) }) },
    { weight: 1, arbitrary: fc.record({ take: fc.constantFrom(...TRACES) }) },
  ),
  { maxLength: 400, size: 'max' },
);

describe('spans that wait as bytes', () => {
  it('come back whole and in order; the oldest are forgotten first, and counted', () => {
    const bounds = [fc.integer({ min: 1, max: 100 }), fc.integer({ min: 600, max: 12_000 })] as const;
    fc.assert(
      fc.property(...bounds, steps, (maxSpans, maxBytes, all) => {
        const { waiting, exported } = hold({ maxSpans, maxBytes });
        const added: { readonly trace: string; readonly bytes: string; taken: boolean }[] = [];
        const take = (trace: string) => {
          const from = exported.length;
          waiting.take(trace, 0);
          const held = added.filter(one => one.trace === trace && !one.taken);
          const found = exported.slice(from);
          assert.deepEqual(
            found,
            held.slice(held.length - found.length).map(({ bytes }) => bytes),
          );
          for (const one of held) one.taken = true;
        };
        for (const step of all) {
          if ('take' in step) take(step.take);
          else {
            const span = spanOf(step.add, 'x'.repeat(step.length));
            added.push({ trace: step.add, bytes: bytesOf(span), taken: false });
            waiting.add(step.add, [span], 0);
          }
        }
        for (const trace of TRACES) take(trace);
        assert.equal(exported.length + waiting.forgotten, added.length);
      }),
    );
  });

  it('are as many as they may be, whatever their bytes', () => {
    const { waiting, exported } = hold({ maxSpans: 20 });
    for (let index = 0; index < 100; index++) waiting.add('a'.repeat(32), [spanOf('a'.repeat(32), `${index}`)], 0);
    waiting.take('a'.repeat(32), 0);
    assert.deepEqual([exported.length, waiting.forgotten], [20, 80]);
  });

  it('wait no longer than they may, and are not counted as forgotten then', () => {
    const { waiting, exported } = hold({ maxSpans: 2, waitMs: 1000 });
    const [trace = ''] = TRACES;
    const encode = (now: number) => waiting.take('f'.repeat(32), now);
    waiting.add(trace, [spanOf(trace, 'early')], 0);
    encode(0);
    waiting.add(trace, [spanOf(trace, 'late')], 600);
    encode(600);
    waiting.take(trace, 1000);
    assert.equal(exported.length, 1);
    waiting.add(trace, [spanOf(trace, 'one'), spanOf(trace, 'two')], 3000);
    encode(3000);
    assert.equal(waiting.forgotten, 0);
  });

  it('are forgotten where one alone is larger than all may be', () => {
    const { waiting, exported } = hold({ maxBytes: 1000 });
    const [trace = ''] = TRACES;
    waiting.add(trace, [spanOf(trace, 'x'.repeat(1000)), spanOf(trace, 'small')], 0);
    waiting.take(trace, 0);
    assert.deepEqual([exported.length, waiting.forgotten], [1, 1]);
  });

  it('are exported once their trace is kept, with what came of it before', () => {
    const { waiting, exported } = hold();
    const { tracer } = recordSpans({ waiting, sampling: { ratio: 0, parentBased: true }, exported() {} });
    const spans = ['first', 'second'].map(name => tracer.begin(undefined, 'consumer', name));
    for (const span of spans) {
      span.part.waitForOthers();
      span.set('tenfold.attempt', 1).finish();
    }
    const [first, second] = spans;
    assert.deepEqual(exported, []);
    tracer.keep(second?.traceId ?? '', 'asked');
    tracer.keep(first?.traceId ?? '', 'asked');
    assert.deepEqual(
      exported,
      [second, first].map(span => span && bytesOf(span)),
    );
    assert.equal(tracer.counts.forgotten, 0);
  });

  it('come back with the function whose they are', () => {
    const services: unknown[] = [];
    const { waiting } = hold({ exported: service => services.push(service) });
    const [trace = ''] = TRACES;
    const span = spanOf(trace, 'call');
    span.service = { namespace: 'shop', name: 'pay' };
    waiting.add(trace, [span, spanOf(trace, 'own')], 0);
    waiting.take(trace, 0);
    assert.deepEqual(services, [{ namespace: 'shop', name: 'pay' }, undefined]);
  });
});
