// The judge of fan-outs finds each way in which a job can be wrong, and nothing where it is right.
import assert from 'node:assert/strict';
import { judgeFanOut, type SeenFanOut } from './fan-outs.ts';

const told = (...ends: readonly (readonly [number, ...string[]])[]): SeenFanOut['told'] =>
  new Map(ends.map(([generation, ...states]) => [generation, new Set(states)]));

/** Of four items the last one fails, which is tolerated. */
const right = {
  name: 'j',
  items: 4,
  state: 'succeeded',
  told: told([0, 'succeeded']),
  least: 3,
  worked: [0, 1, 2],
  results: [0, 1, 2],
  failures: [3],
  counted: { items: 4, succeeded: 3, failed: 1 },
  gathered: [0, 1, 2],
} satisfies SeenFanOut;

describe('the judge of fan-outs', () => {
  it('has nothing to say of what is right', () => {
    assert.deepEqual(judgeFanOut(right), []);
    assert.deepEqual(
      judgeFanOut({ name: 'j', items: 2, state: 'failed', generation: 1, told: told([0, 'expired'], [1, 'failed']) }),
      [],
    );
  });

  const cases: readonly (readonly [what: string, changed: Partial<SeenFanOut>, says: readonly string[]])[] = [
    ['a job that is forgotten', { state: undefined }, ['j was begun and is not known']],
    ['an end that nobody was told', { told: told() }, ['j ended, and nobody was told']],
    ['two ends', { told: told([0, 'failed', 'succeeded']) }, ['j ended as failed and succeeded in generation 0']],
    ['another end', { told: told([0, 'failed']) }, ['j is succeeded, and was told to be failed']],
    [
      'an end before its deadline, of an earlier generation',
      { generation: 1, told: told([0, 'expired-early'], [1, 'succeeded']) },
      ['j expired before its deadline in generation 0'],
    ],
    [
      'an end of a generation that never was',
      { told: told([0, 'succeeded'], [1, 'succeeded']) },
      ['j was told to have ended in generation 1, which there never was'],
    ],
    [
      'a result that is missing',
      { results: [0, 2], counted: { items: 4, succeeded: 2, failed: 1 }, gathered: [0, 2] },
      ['j has no result of 1', 'j succeeded with 2 of 3 results that it needs', 'j was gathered from 2 of 3'],
    ],
    [
      'a result of an item that failed',
      { results: [0, 1, 2, 3], counted: { items: 4, succeeded: 4, failed: 0 } },
      ['j has results of 3, which had none'],
    ],
    [
      'a result of an item that there is not',
      { worked: [0, 1, 2, 4], results: [0, 1, 2, 4], counted: { items: 4, succeeded: 4, failed: 0 } },
      ['j has results of items that it has not: 4'],
    ],
    [
      'a result that counts twice',
      { counted: { items: 4, succeeded: 4, failed: 1 } },
      ['j counts 4 results, and 3 are kept'],
    ],
    [
      'a failure that counts twice',
      { state: 'failed', told: told([0, 'failed']), counted: { items: 4, succeeded: 3, failed: 2 } },
      ['j counts 2 failures, and 1 are kept'],
    ],
    [
      'items that are too many',
      { counted: { items: 5, succeeded: 3, failed: 1 } },
      ['j was divided into 5 items and has 4'],
    ],
    ['nothing gathered', { gathered: 'nothing' }, ['j succeeded and was not gathered']],
    ['a gathering out of order', { gathered: [1, 0, 2] }, ['j was gathered out of order: 1,0,2']],
    ['a result that was gathered twice', { gathered: [0, 1, 1, 2] }, ['j was gathered out of order: 0,1,1,2']],
    ['a gathering of what is not there', { gathered: [0, 1, 3] }, ['j was gathered from what is not there: 3']],
    ['a gathering of too few', { gathered: [0, 1] }, ['j was gathered from 2 of 3']],
  ];
  for (const [what, changed, says] of cases)
    it(`finds ${what}`, () => assert.deepEqual(judgeFanOut({ ...right, ...changed }), says));

  it('lets a quorum have less, and what is gathered be less than what came', () =>
    assert.deepEqual(judgeFanOut({ ...right, least: 2, leastGathered: 0, gathered: [1] }), []));
});
