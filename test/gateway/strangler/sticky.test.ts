// A canary's choice of clients: fixed for each client, one-way when the share
// grows, and as large as it says.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pointOf } from '../../../gateway/steps/stick.ts';

const isChosen = (client: string, percent: number, seed = 'default/shop/orders') =>
  pointOf(client, seed) * 100 < percent;

describe('sticky canary', () => {
  it('moves clients only to the new side when the share grows', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(100), fc.nat(100), (client, one, other) => {
        const [smaller, larger] = [Math.min(one, other), Math.max(one, other)];
        if (isChosen(client, smaller)) assert.ok(isChosen(client, larger));
      }),
    );
  });

  it('takes nobody at 0% and everybody at 100%', () => {
    fc.assert(
      fc.property(fc.string(), client => {
        assert.equal(isChosen(client, 0), false);
        assert.equal(isChosen(client, 100), true);
      }),
    );
  });

  it('takes the share that it says, of numbered clients too', () => {
    for (const percent of [1, 10, 50]) {
      const chosen = Array.from({ length: 20_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`).filter(client =>
        isChosen(client, percent),
      );
      const share = (chosen.length / 20_000) * 100;
      assert.ok(Math.abs(share - percent) < 1 + percent / 20, `${share}% for ${percent}%`);
    }
  });

  it('takes other clients first for other features', () => {
    const clients = Array.from({ length: 1000 }, (_, index) => `user-${index}`);
    const both = clients.filter(client => isChosen(client, 10, 'a') && isChosen(client, 10, 'b'));
    assert.ok(both.length < 40, `${both.length} of 1000 are in both`);
  });
});
