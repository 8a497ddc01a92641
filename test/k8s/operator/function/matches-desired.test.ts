// When an object that is there needs no write.
import assert from 'node:assert/strict';
import { matchesDesired } from '../../../../k8s/operator/function/matches-desired.ts';

const rows: readonly [name: string, live: unknown, wanted: unknown, expected: boolean][] = [
  ['the same', { a: 1 }, { a: 1 }, true],
  ['what others added', { a: 1, b: 2 }, { a: 1 }, true],
  ['another value', { a: 1 }, { a: 2 }, false],
  ['a missing member', {}, { a: 1 }, false],
  ['a list with members that others filled in', { a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }, true],
  ['a longer list', { a: [1, 2] }, { a: [1] }, false],
  ['a quantity in other words', { cpu: '1' }, { cpu: '1000m' }, true],
  ['another quantity', { cpu: '1' }, { cpu: '100m' }, false],
  ['an empty object that the server leaves out', {}, { a: {} }, true],
  ['an empty list that the server leaves out', {}, { a: [] }, true],
  ['an empty text that the server leaves out', { name: 'A' }, { name: 'A', value: '' }, true],
  ['a zero that is not there', {}, { replicas: 0 }, false],
  ['a text where a number was', { a: '1' }, { a: 1 }, false],
  ['nothing there', undefined, { a: 1 }, false],
];

describe('An object that is there covers what is wanted', () => {
  for (const [name, live, wanted, expected] of rows) {
    it(`${expected ? 'with' : 'not with'} ${name}`, () => assert.equal(matchesDesired(live, wanted), expected));
  }
});
