// What windows add up: right, the same after it was kept and read back, and the
// same when two become one.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { parseExactly, toExactText } from '../../../core/units/whole-numbers.ts';
import type { Accumulator } from '../../../worker/aggregates/aggregate.ts';
import { compileAggregate } from '../../../worker/aggregates/compile-aggregate.ts';

const eventOf = (x: unknown): CloudEvent => ({ specversion: '1.0', id: '1', source: '/t', type: 'T', data: { x } });

/** All values added, in order, each a millisecond later. */
function added(text: string, values: readonly unknown[], into?: Accumulator, from = 0): Accumulator {
  const { ask, create } = compileAggregate('r', text);
  const accumulator = into ?? create();
  for (const [index, x] of values.entries()) accumulator.add(ask?.(eventOf(x)), from + index);
  return accumulator;
}

const kept = (text: string, accumulator: Accumulator) =>
  compileAggregate('r', text).create(parseExactly(toExactText(accumulator.save())));

describe('aggregates of windows', () => {
  for (const [text, values, result] of [
    ['count()', [1, 'a', null], 3],
    ['sum(event.data.x)', [1, 2.5, -1], 2.5],
    ['sum(event.data.x)', [2 ** 53 - 1, 2 ** 53 - 1, 1, 2 ** 53 - 1], 27021597764222974n],
    ['sum(event.data.x)', [2 ** 60, 2 ** 53 - 1, -(2 ** 60)], 2 ** 53 - 1],
    ['sum(event.data.x)', [1e308, 1, -1e308], 1],
    ['percentile(event.data.x, 50)', [9e16, 9e16], 9e16],
    ['max(event.data.x)', [1, 2n ** 53n + 1n, 2n ** 53n], 2n ** 53n + 1n],
    ['avg(event.data.x)', [1, 2, 6], 3],
    ['min(event.data.x)', [3, 1, 2], 1],
    ['max(event.data.x)', ['b', 'c', 'a'], 'c'],
    ['min(event.data.x)', [], null],
    ['avg(event.data.x)', [], null],
    ['first(event.data.x)', ['b', 'a'], 'b'],
    ['last(event.data.x)', ['b', { y: 1 }], { y: 1 }],
    ['distinct(event.data.x)', ['a', 'b', 'a', 1, '1', null], 4],
    [
      'top(event.data.x, 2)',
      ['a', 'b', 'a', 'c', 'c', 'a'],
      [
        { value: 'a', count: 3 },
        { value: 'c', count: 2 },
      ],
    ],
    ['percentile(event.data.x, 50)', [], null],
    ['percentile(event.data.x, 90)', [-5, 4], 4],
    ['percentile(event.data.x, 90)', [66], 66],
    ['percentile(event.data.x, 50)', [4, 1, 3, 2], 2],
    ['percentile(event.data.x, 0)', [4, 1, 3, 2], 1],
    ['percentile(event.data.x, 100)', [4, 1, 3, 2], 4],
  ] as const) {
    it(`${text} of ${toExactText(values)}`, () => {
      assert.deepEqual(added(text, values).result(), result);
    });
  }

  it('go by the time of events, not by their order', () => {
    const first = compileAggregate('r', 'first(event.data.x)').create();
    first.add('late', 20);
    first.add('early', 10);
    assert.equal(first.result(), 'early');
  });

  it('add up a million small amounts as they should', () => {
    const sum = added('sum(event.data.x)', [1e9]);
    for (let left = 0; left < 1_000_000; left++) sum.add(0.1, 0);
    assert.ok(Math.abs(Number(sum.result()) - (1e9 + 100_000)) < 1e-6, String(sum.result()));
  });

  it('count different values within two hundredths, however many', () => {
    const distinct = compileAggregate('r', 'distinct(event.data.x)').create();
    for (let count = 1; count <= 200_000; count++) {
      distinct.add(`user-${count}`, 0);
      if (count % 2 === 0) distinct.add(`user-${count >> 1}`, 0);
      if (![10, 128, 129, 1_000, 20_000, 50_000, 200_000].includes(count)) continue;
      const found = Number(kept('distinct(event.data.x)', distinct).result());
      assert.ok(Math.abs(found - count) <= count * 0.02, `${found} for ${count}`);
      if (count <= 128) assert.equal(found, count);
    }
  });

  /** By the rule that is documented: the least value that is no less than so much of all. */
  const nearestRank = (values: readonly number[], percent: number) =>
    values
      .toSorted((a, b) => a - b)
      .find((_, index) => (index + 1) * 1000 >= Math.round(percent * 10) * values.length) ?? 0;
  const PERCENTS = [0, 0.1, 12.5, 50, 90, 95, 99, 99.9, 100];

  it('find percentiles of up to 128 values as they are, and of more within a hundredth', () => {
    const double = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const few = fc.array(double, { minLength: 1, maxLength: 128 });
    const many = fc.array(double, { minLength: 129, maxLength: 400 });
    fc.assert(
      fc.property(fc.oneof(few, many), fc.constantFrom(...PERCENTS), (values, percent) => {
        const is = Number(added(`percentile(event.data.x, ${percent})`, values).result());
        const should = nearestRank(values, percent);
        if (values.length <= 128) assert.equal(is, should);
        else assert.ok(Math.abs(is - should) <= Math.abs(should) * 0.0101 + 1e-8, `${is} for ${should}`);
      }),
    );
  });

  it('have the same percentile however values were added, kept and merged, few and many', () => {
    const text = 'percentile(event.data.x, 90)';
    const part = fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 100 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), parts => {
        const [first = [], ...more] = parts;
        const merged = kept(text, added(text, first));
        for (const each of more) merged.merge(kept(text, added(text, each)));
        assert.deepEqual(kept(text, merged).result(), added(text, parts.flat()).result());
        assert.deepEqual(kept(text, merged).save(), JSON.parse(JSON.stringify(merged.save())));
      }),
    );
  });

  it('go on with a percentile that an earlier release has kept, which reads what is kept now', () => {
    const { create } = compileAggregate('r', 'percentile(event.data.x, 100)');
    // As it was written: how many are zero, and buckets of those above and below.
    const old = create([1, [116, 2, 231, 1], []]);
    old.add(500, 0);
    const [zero, above, below] = old.save() as [number, number[], number[]];
    assert.deepEqual([zero, above.length, below], [1, 6, []]);
    assert.ok(Math.abs(Number(old.result()) - 500) <= 5);
    const merged = create();
    merged.add(7, 0);
    merged.merge(old);
    assert.ok(Math.abs(Number(merged.result()) - 500) <= 5);
    const now = create();
    for (const x of [0, 1, -1]) now.add(x, 0);
    assert.deepEqual((now.save() as unknown[]).slice(0, 3), [1, [0, 1], [0, 1]]);
  });

  it('keep what comes most often among many that come once', () => {
    const values: string[] = [];
    for (let index = 0; index < 5_000; index++) values.push(index % 10 < 3 ? `often-${index % 3}` : `once-${index}`);
    const found = added('top(event.data.x, 3)', values).result() as { value: string }[];
    assert.deepEqual(found.map(({ value }) => value).sort(), ['often-0', 'often-1', 'often-2']);
  });

  for (const text of [
    'count()',
    'sum(event.data.x)',
    'avg(event.data.x)',
    'min(event.data.x)',
    'max(event.data.x)',
    'first(event.data.x)',
    'last(event.data.x)',
    'distinct(event.data.x)',
    'top(event.data.x, 100)',
    'percentile(event.data.x, 90)',
  ]) {
    it(`${text} is the same when it was kept in between, and when it was added up apart`, () => {
      const numbers = fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 60 });
      fc.assert(
        fc.property(numbers, numbers, (one, other) => {
          const all = added(text, [...one, ...other]).result();
          const halves = added(text, other, kept(text, added(text, one)), one.length);
          assert.deepEqual(halves.result(), all);
          const merged = added(text, one);
          merged.merge(kept(text, added(text, other, undefined, one.length)));
          assert.deepEqual(merged.result(), all);
        }),
      );
    });
  }
});
