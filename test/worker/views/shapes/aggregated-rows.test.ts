// Rows that add events up: what events make of them, and what is refused.
import assert from 'node:assert/strict';
import { VIEW_ROWS } from '../../../../core/views/view-layout.ts';
import { SimulatedState } from '../../../simulation/store/simulated-state.ts';
import { keyedOf, recordOf, SCOPE, shapeOf, storeOf } from './aggregated.ts';

/** All rows after each batch of data, folded one after the other. */
async function rowsAfter(aggregate: object, batches: readonly (readonly object[])[]): Promise<Record<string, unknown>> {
  const state = new SimulatedState();
  const shape = shapeOf(aggregate);
  let offset = 0;
  for (const batch of batches) {
    const records = batch.map(data => recordOf(data, offset++));
    const changes = await shape.toChanges(
      keyedOf(shape, records),
      SCOPE,
      storeOf(state, () => 0),
    );
    state.apply(SCOPE, changes, undefined);
  }
  return Object.fromEntries(state.rowsOf(SCOPE, VIEW_ROWS).map(([key, text]) => [key, JSON.parse(text)]));
}

describe('rows that add events up', () => {
  const adaAndBob = [
    [{ id: 'ada', x: 3 }],
    [
      { id: 'bob', x: 0.1 },
      { id: 'ada', x: 5 },
    ],
    [{ id: 'bob', x: 0.2 }],
  ];
  const cases: readonly [aggregate: string, ada: unknown, bob: unknown][] = [
    ['count()', 2, 2],
    // To the last digit that the numbers have: 0.1 + 0.2 is no more than their double.
    ['sum(event.data.x)', 8, 0.30000000000000004],
    ['avg(event.data.x)', 4, 0.15000000000000002],
    ['min(event.data.x)', 3, 0.1],
    ['max(event.data.x)', 5, 0.2],
    ['first(event.data)', { id: 'ada', x: 3 }, { id: 'bob', x: 0.1 }],
    ['last(event.data.x)', 5, 0.2],
    ['distinct(event.data.id)', 1, 1],
    ['top(event.data.id, 3)', [{ value: 'ada', count: 2 }], [{ value: 'bob', count: 2 }]],
    ['percentile(event.data.x, 50)', 3, 0.1],
  ];
  for (const [call, ada, bob] of cases) {
    it(`have ${call} of each key, over several batches`, async () => {
      assert.deepEqual(await rowsAfter({ values: { it: call } }, adaAndBob), { ada: { it: ada }, bob: { it: bob } });
    });
  }

  it('add decimals without the errors of one after the other', async () => {
    const batches = Array.from({ length: 10 }, () => [{ id: 'ada', x: 0.1 }]);
    assert.deepEqual(await rowsAfter({ values: { x: 'sum(event.data.x)' } }, batches), { ada: { x: 1 } });
  });

  it('are shown while "having" holds, and count on while it does not', async () => {
    const having = { values: { n: 'count()', last: 'last(event.data.x)' }, having: '${row.last < 5 && row.n > 1}' };
    const batch = (x: number) => [{ id: 'ada', x }];
    assert.deepEqual(await rowsAfter(having, [batch(1)]), {});
    assert.deepEqual(await rowsAfter(having, [batch(1), batch(2)]), { ada: { n: 2, last: 2 } });
    assert.deepEqual(await rowsAfter(having, [batch(1), batch(2), batch(9)]), {});
    assert.deepEqual(await rowsAfter(having, [batch(1), batch(2), batch(9), batch(3)]), { ada: { n: 4, last: 3 } });
  });

  it('are found by their values', async () => {
    const shape = shapeOf({ values: { n: 'count()', last: 'last(event.data)' }, indexes: ['n', ['last.x', 'n']] });
    const keyed = keyedOf(shape, [recordOf({ id: 'ada', x: 7 }, 0)]);
    const changes = await shape.toChanges(
      keyed,
      SCOPE,
      storeOf(new SimulatedState(), () => 0),
    );
    const shown = changes.find(change => change.kind === 'put-row' && change.table === VIEW_ROWS);
    assert.deepEqual(shown?.kind === 'put-row' && shown.indexes, { n: [1], 'last.x,n': [7, 1] });
  });

  it('take the first and the last by the time of the event, and no clock that is ahead for the last', async () => {
    const shape = shapeOf({ values: { first: 'first(event.data.x)', last: 'last(event.data.x)' } });
    const state = new SimulatedState();
    const records = [
      recordOf({ id: 'ada', x: 1 }, 10, '1970-01-01T00:00:10Z'),
      recordOf({ id: 'ada', x: 2 }, 11, '1970-01-01T00:00:05Z'),
      recordOf({ id: 'ada', x: 3 }, 12, '2099-01-01T00:00:00Z'),
      recordOf({ id: 'ada', x: 4 }, 13),
    ];
    state.apply(
      SCOPE,
      await shape.toChanges(
        keyedOf(shape, records),
        SCOPE,
        storeOf(state, () => 0),
      ),
      undefined,
    );
    assert.deepEqual(state.rowsOf(SCOPE, VIEW_ROWS), [['ada', '{"first":2,"last":4}']]);
  });

  const bad: readonly [string, object, object][] = [
    ['has no key', { values: { n: 'count()' } }, { x: 1 }],
    ['has an empty key', { values: { n: 'count()' } }, { id: '' }],
    ['lacks what is added', { values: { n: 'sum(event.data.x)' } }, { id: 'ada' }],
    ['has no number where one is added', { values: { n: 'sum(event.data.x)' } }, { id: 'ada', x: 'many' }],
    ['cannot be compared', { values: { n: 'max(event.data.x)' } }, { id: 'ada', x: {} }],
  ];
  for (const [what, aggregate, data] of bad) {
    it(`make nothing of an event that ${what}`, () => {
      assert.throws(() => shapeOf(aggregate).project(recordOf(data, 0)), { code: 'expression-failed' });
    });
  }

  const refused: readonly [string, string, object, readonly object[], RegExp][] = [
    [
      'no finite number',
      'expression-failed',
      { values: { x: 'sum(event.data.x)' } },
      [{ x: 1e308 }, { x: 1e308 }],
      /"x"/,
    ],
    [
      'too large a row',
      'body-too-large',
      { values: { x: 'last(event.data.x)' } },
      [{ x: 'x'.repeat(600_000) }],
      /524288/,
    ],
    [
      'a condition that fails',
      'expression-failed',
      { values: { x: 'min(event.data.x)' }, having: '${row.x > 1}' },
      [{ x: 'a' }],
      /row.x/,
    ],
  ];
  for (const [what, code, aggregate, data, message] of refused) {
    it(`refuse an event that leads to ${what}, and cut nothing off`, async () => {
      const shape = shapeOf(aggregate);
      const keyed = keyedOf(
        shape,
        data.map((each, offset) => recordOf({ id: 'ada', ...each }, offset)),
      );
      const made = shape.toChanges(
        keyed,
        SCOPE,
        storeOf(new SimulatedState(), () => 0),
      );
      await assert.rejects(made, { code, message });
    });
  }

  it('leave out events that the filter does not let through', () => {
    const shape = shapeOf({ values: { n: 'count()' } }, '${event.data.x > 1}');
    assert.deepEqual(shape.project(recordOf({ id: 'ada', x: 1 }, 0)), []);
    assert.equal(shape.project(recordOf({ id: 'ada', x: 2 }, 0)).length, 1);
  });
});
