// The state of a fan-out's job as bytes: what is written is read, what is foreign is no job,
// what is newer is refused.
import assert from 'node:assert/strict';
import { toFactRecord } from '../../../core/fan-outs/facts.ts';
import { decodeFanOutJob, encodeFanOutJob, type FanOutJob } from '../../../core/fan-outs/job.ts';
import { createFactFold } from '../../../worker/fan-outs/fold-facts.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const NONCE = '0123456789abcdef';
const job = { id: `0-17-${NONCE}`, state: 'working', generation: 0, items: 3 } as FanOutJob;
const later = encodeFanOutJob(job).replace('"v":1', '"v":2');

describe('the state of a fan-out', () => {
  it('is what was written', () => {
    assert.deepEqual(decodeFanOutJob(Buffer.from(encodeFanOutJob(job))), job);
  });

  for (const text of ['', 'null', '[]', '{}', '{"v":"1"}', '{"v":0}'])
    it(`is none in ${JSON.stringify(text)}`, () => assert.equal(decodeFanOutJob(Buffer.from(text)), undefined));

  it('of a later release is refused, and so is what is told of it', async () => {
    const refused = {
      code: 'later-release',
      message: /state of job 0-17-0123456789abcdef has version 2, of a later rel/,
    };
    assert.throws(() => decodeFanOutJob(Buffer.from(later)), refused);
    const fold = createFactFold(createFakeWorld(), {
      completion: { when: 'all', tolerate: { count: 0 } },
      deadlineMs: 1000,
      ttlMs: 1000,
      gathers: false,
    });
    const fact = toFactRecord(NONCE, 0, { kind: 'start', owner: '' }, Buffer.from('{}'));
    const record = { ...fact, offset: 17, timestamp: 0 };
    const store = { rows: async () => [{ key: NONCE, value: Buffer.from(later) }] };
    await assert.rejects(async () => fold([record], 's', store as never, 0), refused);
  });
});
