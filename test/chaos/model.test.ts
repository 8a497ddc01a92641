// The model finds what it is there to find.
import assert from 'node:assert/strict';
import { createModel } from './model.ts';

describe('the model of chaos', () => {
  it('notices what is out of order, what is missing and what comes again', () => {
    const model = createModel();
    for (const number of [1, 2, 3]) model.acknowledged('k', number);
    model.begins('k', 1);
    model.begins('k', 2);
    model.handled('k', 1);
    assert.deepEqual(model.wrong, ['k-2 begins while 1 of its key is open']);
    model.begins('k', 1);
    assert.equal(model.repeats, 1);
    model.handled('k', 2);
    assert.deepEqual(model.open(), ['k-3']);
    assert.deepEqual(model.all(), ['k-1', 'k-2', 'k-3']);
  });
});
