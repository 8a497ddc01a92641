// Functions of lists that are given what the schema of the events never lets be a list.
import assert from 'node:assert/strict';
import { check, type Declared } from './check-text.ts';

const schema =
  'schema: { $defs: { money: { type: number } }, type: object, properties: { total: { type: number }, items: { type: array }, either: { type: [array, "null"] }, free: {}, order: { allOf: [{ properties: { cost: { $ref: "#/$defs/money" } } }] } } }';
const topic: Declared = ['Topic', 'orders', `{ ${schema} }`];

const warnings = (declared: readonly Declared[]) =>
  check(declared)
    .filter(({ message }) => message.includes('needs a list'))
    .map(({ path, severity, column }) => `${severity} ${path} at ${column}`);

describe('a function of lists in an expression', () => {
  const rows: readonly [expression: string, warned: boolean][] = [
    ['sum(event.data.total) > 1.0', true],
    ['event.data.total.sum() > 1.0', true],
    ['event.data["total"].max() > 1.0', true],
    ['avg(event.data.order.cost) > 1.0', true],
    ['event.data.items.exists(item, min(event.data.total) > item)', true],
    ['sum(event.data) > 1.0', true],
    ['sum(event.data.items) > 1.0', false],
    ['sum(event.data.either) > 1.0', false],
    ['sum(event.data.free) > 1.0', false],
    ['sum(event.data.none) > 1.0', false],
    ['sum([event.data.total, 2.0]) > 1.0', false],
    ['[[1.0]].exists(event, sum(event) > 1.0)', false],
    ['size(event.data.total) > 1', false],
  ];
  for (const [expression, warned] of rows)
    it(`${warned ? 'is warned of' : 'may be'} ${expression}`, () => {
      const spec = `{ topic: orders, filter: '\${${expression}}', to: { url: "http://x" } }`;
      assert.equal(warnings([topic, ['Subscription', 'large', spec]]).length, warned ? 1 : 0);
    });

  it('is warned of at its place, by the schema of what it reads', () => {
    const wrong = "'${string(sum(event.data.total))}'";
    const test = "'${sum(event.data.total) > 1.0}'";
    assert.deepEqual(warnings([['Topic', 'orders', `{ key: ${wrong}, ${schema} }`]]), ['warning spec.key at 28']);
    assert.deepEqual(
      warnings([['Queue', 'orders', `{ key: ${wrong}, order: key, to: { url: "http://x" }, ${schema} }`]]),
      ['warning spec.key at 28'],
    );
    const table = `table: { key: ${wrong}, value: "\${event.data}" }`;
    assert.equal(warnings([topic, ['View', 'rows', `{ from: [orders], ${table} }`]]).length, 1);
    const other: Declared = ['Topic', 'others', '{}'];
    assert.equal(warnings([topic, other, ['View', 'rows', `{ from: [orders, others], ${table} }`]]).length, 0);
    for (const [steps, found] of [
      [`{ filter: ${test} }`, 1],
      [`{ filter: "\${true}" }, { filter: ${test} }`, 1],
      [`{ map: "\${{'total': [1.0]}}" }, { filter: ${test} }`, 0],
    ] as const) {
      const spec = `{ from: { topic: orders }, steps: [${steps}], to: [{ topic: others }] }`;
      assert.equal(warnings([topic, other, ['Pipeline', 'some', spec]]).length, found, steps);
    }
  });
});
