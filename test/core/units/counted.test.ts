// A number and its word agree, and users never read "1 events".
import assert from 'node:assert/strict';
import { counted } from '../../../core/units/counted.ts';

describe('a number with its word', () => {
  for (const [count, text] of [
    [0, '0 events'],
    [1, '1 event'],
    [2, '2 events'],
  ] as const)
    it(`is ${text}`, () => assert.equal(counted(count, 'event'), text));
});
