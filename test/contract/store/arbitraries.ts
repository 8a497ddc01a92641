// Values that stores are tried with: few different ones, so that they meet,
// and the odd ones among them.
import fc from 'fast-check';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Value } from '../../../drivers/store/values.ts';

const name = fc.constantFrom('a', 'ab', 'b', 'b\0', '\u{10FFFF}', '\uFFFD', 'é', '%', '{x}');
export const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, false, true, 0, -0, -1, 1.5, 5e-324, Number.MAX_VALUE, Number.NEGATIVE_INFINITY),
  fc.constantFrom('', 'a', 'a\0', 'a\u0001', 'ab', 'b', '\u{1F600}', '\uFFFD'),
  fc.integer({ min: -300, max: 300 }),
);
const bytes = fc.uint8Array({ maxLength: 6 });
const maybeTtl = fc.constantFrom(undefined, 100, 3_600_000);

/** Every kind of change. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key: name, value: bytes, ttlMs: fc.constantFrom(100, 3_600_000) }),
  fc.record({ kind: fc.constant('delete' as const), key: name }),
  fc.record({
    kind: fc.constant('put-row' as const),
    table: fc.constantFrom('t', 'u'),
    key: name,
    value: bytes,
    ttlMs: maybeTtl,
    indexes: fc.dictionary(fc.constantFrom('i', 'j'), fc.array(value, { minLength: 1, maxLength: 2 }), {
      noNullPrototype: true,
    }),
  }),
  fc.record({ kind: fc.constant('delete-row' as const), table: fc.constantFrom('t', 'u'), key: name }),
  fc.record({
    kind: fc.constant('score' as const),
    ranking: fc.constantFrom('r', 'q'),
    member: fc.constantFrom('a', 'b', 'b\0', 'é'),
    score: fc.integer({ min: -3, max: 3 }),
    mode: fc.constantFrom('sum' as const, 'max' as const, 'last' as const),
    limit: fc.constantFrom(2, 5, 100),
    value: fc.option(bytes, { nil: undefined }),
    ttlMs: maybeTtl,
  }),
  fc.record({ kind: fc.constant('unrank' as const), ranking: fc.constantFrom('r', 'q'), member: name }),
  fc.record({
    kind: fc.constant('push' as const),
    feed: fc.constant('f'),
    owner: fc.constantFrom('o', 'p'),
    id: fc.constantFrom('a', 'b', 'b\0', 'é'),
    at: fc.integer({ min: 0, max: 4 }),
    value: bytes,
    limit: fc.constantFrom(2, 3, 100),
    ttlMs: maybeTtl,
  }),
  fc.record({
    kind: fc.constant('unpush' as const),
    feed: fc.constant('f'),
    owner: fc.constantFrom('o', 'p'),
    id: name,
  }),
  fc.record({
    kind: fc.constant('count' as const),
    counter: fc.constantFrom('c', 'd'),
    by: fc.integer({ min: -5, max: 5 }),
    ttlMs: maybeTtl,
  }),
);
