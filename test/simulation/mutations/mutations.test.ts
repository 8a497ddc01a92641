// Every change that the simulation must find still changes the product: its text
// stands in its file, once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { knownSeeds } from './known-seeds.ts';
import { mutations } from './mutations.ts';

describe('changes that the simulation must find', () => {
  const root = new URL('../../../', import.meta.url);

  it('have names of their own', () => {
    assert.equal(new Set(mutations.map(({ name }) => name)).size, mutations.length);
  });

  it('are all that seeds are known of', () => {
    const names = new Set(mutations.map(({ name }) => name));
    assert.deepEqual(
      [...knownSeeds().keys()].filter(name => !names.has(name)),
      [],
    );
  });

  for (const { name, edits } of mutations)
    it(`${name} changes something`, () => {
      for (const { file, find, replace } of edits) {
        const count = readFileSync(new URL(file, root), 'utf8').split(find).length - 1;
        assert.equal(count, 1, `${count} places in ${file} match, one is needed: ${find}`);
        assert.notEqual(find, replace);
      }
    });
});
