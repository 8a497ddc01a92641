// A long poll of the admin API: told at once when the job ends, and never longer than asked.
import assert from 'node:assert/strict';
import type { JobSummary } from '../../../admin/job-view.ts';
import { createJobSignals, jobSignalOf } from '../../../core/jobs/job-signals.ts';
import { waitJob } from '../../../server/events/control/wait-job.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const named = { namespace: 'default', queue: 'imports', id: '0-7-0123456789abcdef' };
const jobIn = (state: JobSummary['state']): JobSummary => ({
  ...named,
  state,
  attempts: 1,
  queuedAt: '2026-11-25T00:00:00.000Z',
});

describe('a wait for a job at the admin API', () => {
  function begin(waitMs: number) {
    const world = createFakeWorld();
    const signals = createJobSignals();
    const gone = new AbortController();
    const state: { now: JobSummary['state']; at: number | undefined } = { now: 'running', at: undefined };
    const read = async () => jobIn(state.now);
    const waiting = waitJob({ world, signals, job: named, waitMs, signal: gone.signal, read }).then(job => {
      state.at = world.monotonic();
      return job.state;
    });
    return { world, signals, gone, state, waiting, began: world.monotonic() };
  }

  it('ends as soon as the job does', async () => {
    const { world, signals, state, waiting, began } = begin(5_000);
    await world.pass(300);
    assert.equal(state.at, undefined);
    state.now = 'succeeded';
    signals.changed.tell(jobSignalOf(named.namespace, named.queue, named.id));
    await world.pass(0);
    assert.equal(await waiting, 'succeeded');
    assert.equal((state.at ?? 0) - began, 300);
  });

  it('ends when the time is up, with the job as it stands', async () => {
    const { world, state, waiting, began } = begin(5_000);
    await world.pass(6_000);
    assert.equal(await waiting, 'running');
    assert.ok((state.at ?? 0) - began <= 5_000);
  });

  it('ends when nobody waits any more', async () => {
    const { world, gone, waiting } = begin(60_000);
    await world.pass(100);
    gone.abort();
    await world.pass(2_000);
    assert.equal(await waiting, 'running');
  });
});
