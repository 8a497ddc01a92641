// The loyalty cards.
import assert from 'node:assert/strict';
import { call, createTestContext } from 'tenfold/testing';

process.env.DATA_DIR = ':memory:';
const { default: loyalty } = await import('../loyalty.ts');
const context = createTestContext();

describe('loyalty cards', () => {
  it('are given once, however often a customer asks', async () => {
    const ask = { method: 'PUT', path: '/cards/ada' };
    assert.equal((await call(loyalty, ask, context)).status, 201);
    assert.equal((await call(loyalty, ask, context)).status, 200);
    const { body } = await call(loyalty, { path: '/cards/ada' }, context);
    assert.deepEqual(body, { customer: 'ada', discountPercent: 10, points: 0 });
  });

  it('are not there for who never asked', async () => {
    assert.equal((await call(loyalty, { path: '/cards/bob' }, context)).status, 404);
  });
});
