// A View that nothing changes is named in a warning; one that is fed in any way is not.
import assert from 'node:assert/strict';
import { check, type Declared, stock } from './check-text.ts';

const table = 'table: { key: "${event.id}" }';
const view: Declared = ['View', 'v', `{ ${table} }`];
const warningsOf = (declared: readonly Declared[]) =>
  check([...stock, ...declared])
    .filter(({ message }) => /Nothing changes this View/.test(message))
    .map(({ severity, path }) => `${severity} ${path}`);

describe('a View that nothing changes', () => {
  it('is named in a warning', () => {
    assert.deepEqual(warningsOf([view]), ['warning spec']);
  });

  it('is not made better by a route that asks it', () => {
    const api: Declared = ['Api', 'a', '{ routes: [{ match: { path: /x }, to: { view: v } }] }'];
    assert.deepEqual(warningsOf([view, api]), ['warning spec']);
  });

  const feeders: readonly [string, readonly Declared[]][] = [
    ['by topics', [['View', 'v', `{ from: [created], ${table} }`]]],
    ['by a Subscription', [view, ['Subscription', 's', '{ topic: created, to: { view: v } }']]],
    [
      'by one of several targets of a Queue',
      [view, ['Queue', 'q', '{ to: [{ view: v, weight: 1 }, { function: orders, weight: 1 }] }']],
    ],
    ['by a Pipeline', [view, ['Pipeline', 'p', '{ from: { topic: created }, to: [{ view: v }] }']]],
    [
      'by a branch of a Pipeline',
      [
        view,
        [
          'Pipeline',
          'p',
          '{ from: { topic: created }, steps: [{ branch: [{ to: [{ view: v }] }] }], to: [{ topic: created }] }',
        ],
      ],
    ],
  ];
  for (const [how, declared] of feeders) {
    it(`is not one that is fed ${how}`, () => assert.deepEqual(warningsOf(declared), []));
  }
});
