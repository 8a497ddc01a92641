// The judge of Views finds each way in which one can be wrong, and nothing where it is right.
import assert from 'node:assert/strict';
import { judgeProgress, judgeView, type SeenView } from './views.ts';

const right = {
  what: 'the rows',
  found: [
    ['a', '1'],
    ['b', undefined],
  ],
  expected: [
    ['a', '1'],
    ['b', undefined],
  ],
} satisfies SeenView;

describe('the judge of Views', () => {
  it('has nothing to say of what is right', () => {
    assert.deepEqual(judgeView(right), []);
    assert.deepEqual(judgeView({ ...right, expected: [['a', ['0', '1']]] }), []);
    assert.deepEqual(judgeProgress('it', 3, 3), []);
  });

  const cases: readonly (readonly [what: string, changed: Partial<SeenView>, says: string])[] = [
    ['a row that differs', { expected: [['a', '2']] }, 'the rows has a as 1, and the events say 2'],
    [
      'a row that can be nothing of that',
      { expected: [['a', ['2', '3']]] },
      'the rows has a as 1, and the events say 2 or 3',
    ],
    ['a row that is missing', { found: [] }, 'the rows has a as undefined, and the events say 1'],
    ['a row of which there is no event', { expected: [] }, 'the rows has a, of which there is no event'],
    [
      'a row that should be gone',
      { expected: [['a', undefined]] },
      'the rows has a as 1, and the events say undefined',
    ],
    [
      'a row that is there twice',
      {
        found: [
          ['a', '1'],
          ['a', '1'],
        ],
      },
      'the rows has a more than once',
    ],
    ['what is left over of a generation', { leftOver: ['g1'] }, 'g1 is left over'],
  ];
  for (const [what, changed, says] of cases)
    it(`finds ${what}`, () => assert.deepEqual(judgeView({ ...right, ...changed }), [says]));

  it('finds what goes back', () => assert.deepEqual(judgeProgress('it', 3, 2), ['it went back from 3 to 2']));
});
