// The row of a job as bytes: what is written is read, what is foreign is no row,
// what is newer is refused.
import assert from 'node:assert/strict';
import { decodeJobRow, encodeJobRow, type JobRow } from '../../../core/jobs/job-row.ts';

const ID = { partition: 3, offset: 17, nonce: '0123456789abcdef' };
const row: JobRow = { state: 'failed', attempts: 2, acceptedAt: 1, finishedAt: 9, error: { message: 'né' }, owner: '' };
const body = Buffer.from([0, 10, 255]);
const rows: Readonly<Record<string, JobRow>> = {
  'without a result': row,
  'with an empty result': { ...row, state: 'succeeded', result: { status: 204, size: 0 } },
  'with bytes': { ...row, state: 'succeeded', result: { status: 200, contentType: 'a/b', size: 3, body } },
  'with a result elsewhere': { ...row, state: 'succeeded', result: { status: 200, size: 9, blob: 'k' } },
};

describe('the row of a job', () => {
  for (const [what, each] of Object.entries(rows))
    it(`${what} is what was written`, () => assert.deepEqual(decodeJobRow(encodeJobRow(each), ID), each));

  for (const text of ['', '\n', 'null\n', '[]\n', '{}\n', '{"v":"1"}\n', '{"v":0}\n', '{"v":1}', '{"v":2}'])
    it(`is none in ${JSON.stringify(text)}`, () => assert.equal(decodeJobRow(Buffer.from(text), ID), undefined));

  it('of a later release is refused, and it is said which, and what to do', () => {
    const later = Buffer.from(encodeJobRow(row).toString().replace('"v":1', '"v":3'));
    assert.throws(() => decodeJobRow(later, ID), {
      code: 'later-release',
      status: 503,
      retryable: true,
      message:
        'the row of job 3-17-0123456789abcdef has version 3, of a later release; this release reads up to 1. Finish the upgrade, or run the later release again.',
    });
  });
});
