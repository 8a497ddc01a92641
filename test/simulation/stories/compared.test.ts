// A sweep that compares too few stories has not looked.
import assert from 'node:assert/strict';
import { tooFewCompared } from './compared.ts';

describe('stories that were compared with their model', () => {
  it('are enough where most of them are exact', () => {
    assert.equal(tooFewCompared({ exact: 30, moving: 7, unanswered: 100 }, 10), undefined);
  });

  it('are too few where runs ask for hardly any', () => {
    assert.match(tooFewCompared({ exact: 19, moving: 0, unanswered: 0 }, 10) ?? '', /^19 stories of 10 runs/);
  });

  it('are too few where all moves while they are told', () => {
    assert.match(tooFewCompared({ exact: 30, moving: 8, unanswered: 0 }, 10) ?? '', /^only 30 of 38/);
  });
});
