// Ids of jobs: written and read back, and everything else refused.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatJobId, parseJobId } from '../../../core/jobs/job-id.ts';

const nonce = fc.stringMatching(/^[0-9a-f]{16}$/);

describe('job id', () => {
  it('is read as it was written', () => {
    const id = fc.record({ partition: fc.nat(1023), offset: fc.maxSafeNat(), nonce }, { noNullPrototype: true });
    fc.assert(fc.property(id, each => assert.deepEqual(parseJobId(formatJobId(each)), each)));
  });

  for (const text of [
    '',
    '0-0',
    '0-0-xyz',
    '00-1-0123456789abcdef',
    '0--1-0123456789abcdef',
    '0-9999999999999999-0123456789abcdef',
    '1-2-0123456789ABCDEF',
    '1-2-0123456789abcdef ',
  ]) {
    it(`is not "${text}"`, () => assert.equal(parseJobId(text), undefined));
  }
});
