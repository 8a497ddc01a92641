// Objects whose time has come, where several processes share them and their clocks are wrong.
import assert from 'node:assert/strict';
import { expiringKey, hourOf } from '../../../core/expiring-key.ts';
import { realWorld, type World } from '../../../core/world.ts';
import { createClaimCheck } from '../../../gateway/accept/claim-check.ts';
import { startBlobSweeper, sweep } from '../../../worker/jobs/sweep-blobs.ts';
import { eventually } from '../../eventually.ts';
import { createFakeBlobs } from '../../fakes/fake-blobs.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const { signal } = new AbortController();

describe('sweeping objects', () => {
  let now: number;
  let blobs: ReturnType<typeof createFakeBlobs>;
  beforeEach(() => {
    now = Date.parse('2026-01-31T12:30:00Z');
    blobs = createFakeBlobs(() => now);
  });
  const wrongBy = (ms: number): World => ({ ...realWorld, now: () => now + ms });

  it('deletes what is over by the clock of the store, in a process whose own is years ahead', async () => {
    for (const hours of [-1, 0, 1, 2])
      await blobs.put(expiringKey(hourOf(now + hours * HOUR_MS), `${hours}`), Buffer.from('x'));
    const problems: unknown[] = [];
    const sweeper = startBlobSweeper(realWorld, blobs, (_, error) => problems.push(error));
    await eventually(() => blobs.kept.size < 4, 'it sweeps');
    sweeper.close();
    assert.deepEqual(
      [...blobs.kept.keys()].map(key => key.split('/').at(-1)),
      ['0', '1', '2'],
    );
    assert.deepEqual(problems, []);
  });

  for (const [where, ms] of [
    ['a day ahead', DAY_MS],
    ['a day behind', -DAY_MS],
  ] as const)
    it(`keeps the data of events for as long as was meant when the clock of the gateway was ${where}`, async () => {
      const topic = { namespace: 'default', topic: 'images', maxBytes: 1000, retentionMs: DAY_MS };
      const claims = createClaimCheck({ world: wrongBy(ms), blobs, ...topic });
      await claims.keep(Buffer.from('x'), undefined, signal);
      // Those that are parked or given up are needed for 15 days more.
      now += 16 * DAY_MS;
      assert.equal(await sweep(blobs, signal), 0);
      now += HOUR_MS;
      assert.equal(await sweep(blobs, signal), 1);
    });

  it('asks nothing where there is nothing', async () => {
    const asked = { ...blobs, now: () => assert.fail('asked') };
    assert.equal(await sweep(asked, signal), 0);
  });
});
