// The hint to parked keys names the namespace that has them, or all where several have.
import assert from 'node:assert/strict';
import { parkedHint } from '../../../cli/parked/hint.ts';

const ROWS: readonly (readonly [readonly string[], RegExp | undefined])[] = [
  [[], undefined],
  [['default'], / parked list -n default$/],
  [['shop', 'shop'], / parked list -n shop$/],
  [['shop', 'other'], / parked list -A$/],
];

describe('the hint to parked keys', () => {
  for (const [namespaces, hint] of ROWS)
    it(`is right for parked keys in ${namespaces.join(' and ') || 'no namespace'}`, () => {
      const found = parkedHint(namespaces.map(namespace => ({ namespace })));
      if (hint === undefined) assert.equal(found, undefined);
      else assert.match(found ?? '', hint);
    });
});
