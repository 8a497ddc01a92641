// When what ran a Function may go: some time after its status said where it is now,
// whatever was said before.
import assert from 'node:assert/strict';
import { createCutover } from '../../../../k8s/operator/function/cutover.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

describe('what ran a Function that has moved', () => {
  it('is kept until its new place was said for a while', async () => {
    const world = createFakeWorld();
    const cutover = createCutover(world, 10_000);
    assert.equal(cutover.left('one', 'http://old', 'http://new'), 10_000);
    await world.pass(60_000);
    assert.equal(cutover.left('one', 'http://new', 'http://new'), 10_000);
    await world.pass(4_000);
    assert.equal(cutover.left('one', 'http://new', 'http://new'), 6_000);
    assert.equal(cutover.left('two', 'http://new', 'http://new'), 10_000);
    await world.pass(6_000);
    assert.equal(cutover.left('one', 'http://new', 'http://new'), 0);
    assert.equal(cutover.left('one', 'http://new', 'http://old'), 10_000);
    assert.equal(cutover.left('one', 'http://old', 'http://old'), 10_000);
    cutover.forget('one');
    await world.pass(20_000);
    assert.equal(cutover.left('one', 'http://old', 'http://old'), 10_000);
  });
});
