// Both menus sell the same, as guests are split between them.
import assert from 'node:assert/strict';
import { call, createTestContext } from 'tenfold/testing';
import menu, { drinks } from '../menu.ts';
import menuV2 from '../menu-v2.ts';

const context = createTestContext();

describe('the menus', () => {
  it('agree on what there is and what it costs', async () => {
    const [old, fresh] = await Promise.all(
      [menu, menuV2].map(
        async each => (await call(each, { path: '/menu' }, context)).body as { drinks: { allergens?: string[] }[] },
      ),
    );
    assert.deepEqual(old, { drinks });
    assert.deepEqual(
      fresh?.drinks.map(({ allergens: _, ...drink }) => drink),
      drinks,
    );
    assert.ok(fresh?.drinks.every(({ allergens }) => Array.isArray(allergens)));
  });

  it('say which drink there is none of', async () => {
    assert.equal((await call(menu, { path: '/menu/tea' }, context)).status, 404);
  });
});
