// A View whose rows depend on the order of their events is named in a warning where its Topic keeps
// none.
import assert from 'node:assert/strict';
import { check, type Declared, stock } from './check-text.ts';

const KEY = '"${event.data.id}"';
const topic = (spec: string): Declared => ['Topic', 'orders', spec];
const view = (shape: string): Declared => ['View', 'v', `{ from: [orders], ${shape} }`];
const table = view(`table: { key: ${KEY} }`);
const warningsOf = (declared: readonly Declared[]) =>
  check([...stock, ...declared])
    .filter(({ message }) => /in either order/.test(message))
    .map(({ severity, path, expected }) => `${severity} ${path} ${expected}`);

const WARNING = ['warning spec.from[0] key: "${event.data.id}" in Topic orders'];

describe('a View over a Topic without a key', () => {
  const ordered: readonly [string, string][] = [
    ['table', `table: { key: ${KEY} }`],
    ['table from row to row', `table: { key: ${KEY}, value: { times: "\${row == null ? 0 : row.times + 1}" } }`],
    ['search', `search: { id: ${KEY}, fields: { name: {} } }`],
    ['ranking of the last points', `ranking: { member: ${KEY}, mode: last, score: "\${event.data.points}" }`],
    ['ranking that members leave', `ranking: { member: ${KEY}, delete: "\${has(event.data.gone)}" }`],
    ['first or last value', `aggregate: { by: ${KEY}, values: { times: count(), name: last(event.data.name) } }`],
  ];
  for (const [shape, spec] of ordered)
    it(`is named in a warning: a ${shape}`, () =>
      assert.deepEqual(warningsOf([topic('{ partitions: 2 }'), view(spec)]), WARNING));

  const unordered: readonly [string, string][] = [
    ['points that add up', `ranking: { member: ${KEY} }`],
    ['sums', `aggregate: { by: ${KEY}, values: { times: count(), all: sum(event.data.price) } }`],
    ['a row for each event', 'table: { key: "${event.id}" }'],
    ['rows by the key of the publisher', 'table: { key: "${ event.subject }" }'],
  ];
  for (const [shape, spec] of unordered)
    it(`is not named for ${shape}`, () => assert.deepEqual(warningsOf([topic('{ partitions: 2 }'), view(spec)]), []));

  it('is named without a key for it where a Function makes the events of the rows', () => {
    const projected = view(`project: { function: orders }, table: { key: ${KEY} }`);
    assert.deepEqual(warningsOf([topic('{ partitions: 2 }'), projected]), ['warning spec.from[0] undefined']);
  });

  it('is named where several Topics can decide about one row', () => {
    const others = [topic(`{ key: ${KEY} }`), ['Topic', 'gone', `{ key: ${KEY} }`] as const];
    const warned = (shape: string) => {
      const of: Declared = ['View', 'v', `{ from: [orders, gone], table: { key: ${KEY}, ${shape} } }`];
      return check([...stock, ...others, of]).map(({ message }) => message.slice(0, 42));
    };
    assert.deepEqual(warned('merge: false'), ['Events of different Topics come in any ord']);
    assert.deepEqual(warned('merge: true, delete: "${has(event.data.gone)}"'), [
      'Events of different Topics come in any ord',
    ]);
    assert.deepEqual(warned('merge: true'), [], 'each may give members of its own');
  });

  it('is not named where the order is kept, or is not ours to tell', () => {
    for (const spec of [`{ partitions: 2, key: ${KEY} }`, '{ partitions: 1 }', '{ partitions: 2, external: true }'])
      assert.deepEqual(warningsOf([topic(spec), table]), [], spec);
  });
});
