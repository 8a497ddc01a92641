// Every fault has its turn.
import assert from 'node:assert/strict';
import { Chance } from '../../simulation/kernel/chance.ts';
import { faultKinds, shuffled } from './all.ts';

describe('the faults of chaos', () => {
  it('all come in a round, in an order that the seed decides', () => {
    const take = (seed: number) => shuffled(faultKinds, new Chance(seed)).map(({ name }) => name);
    assert.deepEqual(take(1).sort(), faultKinds.map(({ name }) => name).sort());
    assert.deepEqual(take(1), take(1));
    assert.notDeepEqual(take(1), take(2));
  });
});
