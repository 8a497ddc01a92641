// Which items have ended: the bits say what was set, over rows that are written and read again.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ItemBits, type ItemState, ROW_ITEMS, rowOfItem } from '../../../worker/fan-outs/item-bits.ts';

const STATES: readonly ItemState[] = ['open', 'succeeded', 'failed'];
const steps = fc.array(fc.tuple(fc.nat(3 * ROW_ITEMS), fc.constantFrom(...STATES)), { maxLength: 200 });

/** As after they were stored and read. */
function stored(bits: ItemBits): ItemBits {
  const again = new ItemBits('job');
  for (const change of bits.changes()) {
    assert.ok(change.kind === 'put-row' && typeof change.value !== 'string');
    again.load(Number(change.key.slice('job/'.length)), change.value);
  }
  return again;
}

describe('item bits', () => {
  it('say what was set last, also when they were stored meanwhile', () => {
    fc.assert(
      fc.property(steps, made => {
        const model = new Map(made);
        const bits = new ItemBits('job');
        for (const [index, state] of made) bits.set(index, state);
        for (const each of [bits, stored(bits)])
          for (const [index, state] of model) assert.equal(each.get(index), state);
      }),
    );
  });

  it('open what failed, and nothing else', () => {
    fc.assert(
      fc.property(steps, made => {
        const model = new Map(made);
        const bits = new ItemBits('job');
        for (const [index, state] of made) bits.set(index, state);
        assert.equal(bits.reopen(), [...model.values()].filter(state => state === 'failed').length);
        for (const [index, state] of model) assert.equal(bits.get(index), state === 'failed' ? 'open' : state);
      }),
    );
  });

  it('write only rows that changed, and no more of them than is set', () => {
    const bits = new ItemBits('job');
    bits.load(0, Buffer.from([0b01]));
    bits.set(ROW_ITEMS + 3, 'failed');
    const [only, ...others] = bits.changes();
    assert.deepEqual(others, []);
    assert.ok(only?.kind === 'put-row');
    assert.equal(only.key, 'job/1');
    assert.equal(only.value.length, 1);
    assert.equal(rowOfItem(ROW_ITEMS - 1), 0);
  });
});
