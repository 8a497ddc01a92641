// What we write of spans is what the package of OpenTelemetry writes, byte for byte.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AttributeValue, FunctionService, Span } from '../../../core/tracing/span.ts';
import { toOtlpRequest } from '../../../server/tracing/otlp-request.ts';
import { SpanEncoder } from '../../../server/tracing/span-encoder.ts';
import { recordSpans } from '../../core/tracing/record-spans.ts';
import { toReferenceRequest } from './reference-request.ts';

const RESOURCE = { 'service.name': 'tenfold-test', 'service.instance.id': 'a', place: 'Zürich' };

/** Around the sizes at which a length gets another byte, too. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  fc.string({ unit: 'grapheme-ascii', minLength: 100, maxLength: 140 }),
  fc.constantFrom(
    '',
    'a'.repeat(127),
    'a'.repeat(128),
    'é'.repeat(64),
    '\ud800',
    '日本'.repeat(3000),
    'x'.repeat(20_000),
  ),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 1, -1, 2 ** 32, -(2 ** 32), 2 ** 53, -(2 ** 53), 2 ** 62, -(2 ** 63), 2 ** 63, Number.NaN),
);
const value: fc.Arbitrary<AttributeValue> = fc.oneof(text, number, fc.boolean());
const id = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
/** A link without one has a length of one byte, and one with many members a length of two. */
const tracestate = fc.constantFrom(undefined, 'a=1', `a=${'b'.repeat(90)},c@d=1`, 'x'.repeat(512));
const link = fc.record({ traceId: id(32), spanId: id(16), tracestate });
const service: fc.Arbitrary<FunctionService> = fc.record({
  namespace: fc.constantFrom('shop', 'ünit'),
  name: fc.constantFrom('bill', 'mail'),
});
const drawn = fc.record({
  parent: fc.option(link, { nil: undefined }),
  kind: fc.constantFrom('internal', 'server', 'client', 'producer', 'consumer'),
  name: text,
  // 2100, and fractions of a microsecond.
  start: fc.double({ min: 0, max: 4_102_444_800_000, noNaN: true }),
  took: fc.double({ min: 0, max: 100_000, noNaN: true }),
  attributes: fc.dictionary(text, value, { maxKeys: 20 }),
  links: fc.array(link, { maxLength: 5 }),
  failure: fc.option(fc.record({ type: text, message: fc.option(text, { nil: undefined }) }), { nil: undefined }),
  service: fc.option(service, { nil: undefined }),
  sampled: fc.boolean(),
  droppedLinks: fc.constantFrom(0, 1, 127, 128, 100_000),
});

function spanOf(given: typeof drawn extends fc.Arbitrary<infer T> ? T : never): Span {
  const { parent, kind, name, start, took, attributes, links, droppedLinks, failure } = given;
  const { tracer } = recordSpans({ sampling: { ratio: given.sampled ? 1 : 0, parentBased: false } });
  const span = tracer.begin(parent && { ...parent, flags: '00' }, kind, name);
  for (const [key, one] of Object.entries(attributes)) if (key !== 'error.type') span.set(key, one);
  if (failure !== undefined) span.fail(failure.type, failure.message, false);
  return Object.assign(span, { start, end: start + took, links, droppedLinks, service: given.service });
}

function encoded(spans: readonly Span[]): Uint8Array {
  const encoder = new SpanEncoder();
  for (const span of spans) encoder.add(span);
  assert.equal(encoder.count, spans.length);
  return Buffer.concat(toOtlpRequest(encoder.take(), RESOURCE, '1.2.3'));
}

describe('the encoder of spans', () => {
  it('writes what the package of OpenTelemetry writes', () => {
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 12, size: 'max' }), all => {
        // An attribute that comes again with the same value is written in another way.
        const spans = all.flatMap(one => [one, one, one]).map(spanOf);
        const [ours, theirs] = [encoded(spans), toReferenceRequest(spans, RESOURCE, '1.2.3')];
        assert.ok(
          Buffer.compare(ours, theirs) === 0,
          `${Buffer.from(ours).toString('hex')}\n${Buffer.from(theirs).toString('hex')}`,
        );
      }),
    );
  });

  it('writes an attribute of any name as the package does', () => {
    const attributes = Object.fromEntries(['__proto__', 'constructor', ''].map(name => [name, false]));
    const plain = {
      name: 'odd',
      kind: 'internal',
      start: 0,
      took: 0,
      links: [],
      sampled: true,
      droppedLinks: 0,
    } as const;
    const span = spanOf({ ...plain, links: [], attributes, parent: undefined, failure: undefined, service: undefined });
    assert.deepEqual(Buffer.from(encoded([span])), Buffer.from(toReferenceRequest([span], RESOURCE, '1.2.3')));
  });

  it('never throws, and leaves nothing of a span that it cannot write', () => {
    const anything = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withSparseArray: true }),
      fc.constantFrom(20, Symbol('code'), () => 'x', { length: 3 }, { toString: 7 }),
    );
    const fields = ['name', 'errorType', 'message', 'links', 'service', 'traceId', 'parentSpanId', 'start', 'facts'];
    const wrong = fc.record(Object.fromEntries(fields.map(name => [name, anything])), { requiredKeys: [] });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(drawn, wrong), { minLength: 1, maxLength: 4 }), all => {
        const [encoder, only] = [new SpanEncoder(), new SpanEncoder()];
        for (const [one, values] of all) {
          const [taken, good] = [Object.assign(spanOf(one), values), spanOf(one)];
          if (encoder.add(taken) === undefined) only.add(taken);
          else refused++;
          assert.equal(encoder.add(good), undefined);
          only.add(good);
        }
        assert.equal(encoder.count, only.count);
        const [ours, theirs] = [encoder, only].map(each => each.take().map(({ bytes }) => bytes.toString('hex')));
        // A service whose span was refused may be known earlier.
        assert.deepEqual(ours?.sort(), theirs?.sort());
      }),
    );
    assert.ok(refused > 100, String(refused));
  });

  it('never throws where a span cannot describe itself', () => {
    const encoder = new SpanEncoder();
    const { tracer } = recordSpans({ sampling: { ratio: 0, parentBased: false } });
    const span = tracer.begin(undefined, 'server', 'x');
    span.finish({
      describe() {
        throw new TypeError('no header');
      },
    });
    assert.deepEqual([encoder.add(span), encoder.count, encoder.take()], ['no header', 0, []]);
  });

  it('begins anew once its spans are taken, also in a buffer that was used before', () => {
    const encoder = new SpanEncoder();
    const spans = fc.sample(drawn, { numRuns: 20, seed: 7 }).map(spanOf);
    const round = () => {
      for (const span of spans) encoder.add(span);
      return encoder.take();
    };
    const first = round();
    assert.deepEqual([encoder.count, encoder.take()], [0, []]);
    const told = first.map(({ bytes }) => bytes.toString('hex'));
    const buffers = first.map(({ bytes }) => bytes.buffer);
    encoder.reuse(buffers);
    for (const again of [round(), round()]) {
      assert.deepEqual(
        again.map(({ bytes }) => bytes.toString('hex')),
        told,
      );
    }
    assert.ok(buffers.length > 1);
  });
});
