// Jobs that have no row: queued or parked as long as a row would be kept, by the store's
// clock, and gone after that.
import assert from 'node:assert/strict';
import { formatJobId } from '../../../core/jobs/job-id.ts';
import { createJobReader, type ReaderDeps } from '../../../gateway/jobs/job-reader.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** When the job was accepted, by the log. The clock of whoever asks is years ahead. */
const ACCEPTED = Date.parse('2020-01-31T12:00:00Z');
const nonce = '0123456789abcdef';
const id = formatJobId({ partition: 0, offset: 5, nonce });

describe('a job without a row', () => {
  const readAfter = (ms: number, position = 6) => {
    const record = {
      offset: 5,
      timestamp: ACCEPTED,
      key: null,
      value: Buffer.alloc(0),
      headers: { 'tenfold-job': nonce },
    };
    const log = {
      bounds: async () => [{ start: 0, end: 9 }],
      read: async () => ({ records: [record], next: 6, bounds: { start: 0, end: 9 } }),
      positions: async () => [{ offset: position, metadata: '' }],
    };
    const store = { now: async () => ACCEPTED + ms, get: async () => undefined };
    const queue = { namespace: 'default', name: 'imports', resultTtlMs: DAY_MS };
    return createJobReader({ log, store } satisfies ReaderDeps, queue).find(id);
  };

  it('is queued, though all before it in the log is settled, as long as its row would be there if it had ended', async () => {
    const found = await readAfter(DAY_MS - 1);
    assert.ok(found !== undefined && found !== 'gone');
    assert.equal(found.view.state, 'queued');
  });

  it('is gone once its row would be', async () => assert.equal(await readAfter(DAY_MS), 'gone'));

  it('is queued for as long as its turn has not come', async () => {
    const found = await readAfter(30 * DAY_MS, 5);
    assert.ok(found !== undefined && found !== 'gone');
  });
});
