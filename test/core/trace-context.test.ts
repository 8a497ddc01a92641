// What core/trace-context.ts promises.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { childContext, formatTraceparent, parseTraceparent } from '../../core/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map(digits => digits.join(''))
    .filter(text => !/^0+$/.test(text));

describe('a traceparent header', () => {
  it('is read', () => {
    assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-01`), { traceId: TRACE, spanId: SPAN, flags: '01' });
  });

  it('of a later version may be longer', () => {
    assert.equal(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-brings`)?.traceId, TRACE);
    assert.equal(parseTraceparent(`cc-${TRACE}-${SPAN}-01`)?.traceId, TRACE);
  });

  const malformed: readonly [name: string, header: string | undefined][] = [
    ['absent', undefined],
    ['empty', ''],
    ['short', `00-${TRACE}-${SPAN}`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['no hex', `00-${TRACE.replace('4', 'g')}-${SPAN}-01`],
    ['all-zero trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['all-zero span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['longer version 00', `00-${TRACE}-${SPAN}-01-x`],
    ['later version without a dash', `cc-${TRACE}-${SPAN}-01x`],
    ['surrounding space', ` 00-${TRACE}-${SPAN}-01`],
    ['two headers in one', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ];
  for (const [name, header] of malformed) {
    it(`is ignored when malformed: ${name}`, () => assert.equal(parseTraceparent(header), undefined));
  }

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.constantFrom('00', '01', 'ff'), (traceId, spanId, flags) => {
        assert.deepEqual(parseTraceparent(formatTraceparent({ traceId, spanId, flags })), { traceId, spanId, flags });
      }),
    );
  });

  it('is undefined or well-formed for any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 70 }), text => {
        const context = parseTraceparent(text);
        if (context) assert.match(formatTraceparent(context), /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
      }),
    );
  });
});

describe('the context of a call', () => {
  it('continues the trace of its caller with a span of its own', () => {
    const child = childContext({ traceId: TRACE, spanId: SPAN, flags: '00' });
    assert.deepEqual([child.traceId, child.flags], [TRACE, '00']);
    assert.notEqual(child.spanId, SPAN);
  });

  it('begins a sampled trace where there is none', () => {
    const { flags } = childContext(undefined);
    assert.equal(flags, '01');
  });

  it('never repeats a span, also beyond the pool of random bytes', () => {
    const contexts = Array.from({ length: 5000 }, () => childContext(undefined));
    assert.equal(new Set(contexts.map(({ spanId }) => spanId)).size, contexts.length);
    assert.equal(new Set(contexts.map(({ traceId }) => traceId)).size, contexts.length);
    for (const context of contexts) assert.ok(parseTraceparent(formatTraceparent(context)));
  });
});
