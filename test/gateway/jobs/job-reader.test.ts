// Jobs that have no row: queued or parked as long as a row would be kept, by the store's
// clock, and gone after that. Of a row that says running the log knows whether that is so still.
import assert from 'node:assert/strict';
import { formatJobId } from '../../../core/jobs/job-id.ts';
import { encodeJobRow, type JobRow } from '../../../core/jobs/job-row.ts';
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

describe('a job with a row that says running', () => {
  const row: JobRow = { state: 'running', attempts: 1, acceptedAt: ACCEPTED, startedAt: ACCEPTED + 5, owner: '' };
  const read = async (lostAt: number | undefined) => {
    const asked: unknown[] = [];
    const log = { bounds: async () => [], positions: async () => [], read: () => assert.fail('the log is not read') };
    const store = { now: async () => ACCEPTED, get: async () => ({ value: encodeJobRow(row), version: '1' }) };
    const lostAttemptAt = async (...args: unknown[]) => {
      asked.push(args);
      return lostAt;
    };
    const deps = { log, store, lostAttemptAt } satisfies ReaderDeps;
    const found = await createJobReader(deps, { namespace: 'default', name: 'imports', resultTtlMs: DAY_MS }).find(id);
    assert.ok(found !== undefined && found !== 'gone');
    return { found, asked };
  };

  it('waits for its next attempt where its worker was lost', async () => {
    const { found, asked } = await read(ACCEPTED + 60_000);
    assert.deepEqual([found.view.state, found.final], ['waiting', false]);
    assert.deepEqual(asked[0], [{ ...found.row }, { namespace: 'default', name: 'imports', partition: 0 }]);
  });

  it('runs where it was not', async () => assert.equal((await read(undefined)).found.view.state, 'running'));
});
