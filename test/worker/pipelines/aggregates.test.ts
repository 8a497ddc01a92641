// What windows add up: right, the same after it was kept and read back, and the same when two become one.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import type { Accumulator } from '../../../worker/pipelines/aggregates/aggregate.ts';
import { compileAggregate } from '../../../worker/pipelines/aggregates/compile-aggregate.ts';

const eventOf = (x: unknown): CloudEvent => ({ specversion: '1.0', id: '1', source: '/t', type: 'T', data: { x } });

/** All values added, in order, each a millisecond later. */
function added(text: string, values: readonly unknown[], into?: Accumulator, from = 0): Accumulator {
  const { ask, create } = compileAggregate('r', text);
  const accumulator = into ?? create();
  for (const [index, x] of values.entries()) accumulator.add(ask?.(eventOf(x)), from + index);
  return accumulator;
}

const kept = (text: string, accumulator: Accumulator) =>
  compileAggregate('r', text).create(JSON.parse(JSON.stringify(accumulator.save())));

describe('aggregates of windows', () => {
  for (const [text, values, result] of [
    ['count()', [1, 'a', null], 3],
    ['sum(event.data.x)', [1, 2.5, -1], 2.5],
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
  ] as const) {
    it(`${text} of ${JSON.stringify(values)}`, () => {
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

  it('find percentiles within a hundredth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
        values => {
          const sorted = values.toSorted((a, b) => a - b);
          for (const percent of [0, 50, 99, 100]) {
            const is = Number(added(`percentile(event.data.x, ${percent})`, values).result());
            const should = sorted[Math.floor((percent / 100) * (values.length - 1))] ?? 0;
            assert.ok(Math.abs(is - should) <= Math.abs(should) * 0.0101 + 1e-8, `${is} for ${should}`);
          }
        },
      ),
    );
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
