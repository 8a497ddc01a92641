// Long polls in time that passes only when told to: they end in time whatever the store does, and
// do not all ask it at one moment.
import assert from 'node:assert/strict';
import { createJobSignals, jobSignalOf } from '../../../core/jobs/job-signals.ts';
import { queuedJobView } from '../../../core/jobs/job-view.ts';
import type { FoundJob } from '../../../gateway/jobs/job-reader.ts';
import { waitForJob } from '../../../gateway/jobs/wait-for-job.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const ID = '0-7-0123456789abcdef';
const NAME = jobSignalOf('default', 'imports', ID);

function setUp(find: (count: number) => Promise<FoundJob | undefined>) {
  let seed = 7;
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const world = { ...createFakeWorld(), random };
  const signals = createJobSignals();
  const looks: number[] = [];
  const began = world.monotonic();
  const reader = {
    find: async () => {
      looks.push(world.monotonic() - began);
      return find(looks.length);
    },
  };
  const wait = async (waitMs: number, remainingMs: number, signal = new AbortController().signal) => {
    const call = { remainingMs, ended: false, signal };
    const found = await waitForJob({ world, endpoints: { signals }, reader, call, name: NAME, id: ID, waitMs });
    return { found, at: world.monotonic() - began };
  };
  return { world, signals, looks, wait };
}

const jobIn = (state: 'queued' | 'succeeded'): FoundJob => ({
  id: { partition: 0, offset: 7, nonce: '0123456789abcdef' },
  owner: '',
  view: { ...queuedJobView(ID, 'imports', 1), state },
  row: undefined,
  final: state !== 'queued',
});

describe('a wait for a job', () => {
  it('ends in time for each of two hundred, with a store that takes one after the other', async () => {
    let line: Promise<unknown> = Promise.resolve();
    const { world, wait } = setUp(() => {
      const turn = line.then(() => new Promise<void>(resolve => world.after(2, resolve)));
      line = turn;
      return turn.then(() => jobIn('queued'));
    });
    const all = Array.from({ length: 200 }, () => wait(60_000, 2_000));
    await world.pass(2_500);
    const ends = await Promise.all(all);
    assert.deepEqual(
      ends.filter(({ found, at }) => found === undefined || at > 1_750),
      [],
    );
    assert.ok(Math.min(...ends.map(({ at }) => at)) >= 1_500);
  });

  it('spreads the looks of those that came together', async () => {
    const { world, looks, wait } = setUp(async () => jobIn('queued'));
    const all = Array.from({ length: 200 }, () => wait(5_000, 60_000));
    await world.pass(6_000);
    await Promise.all(all);
    const atOnce = Map.groupBy(
      looks.filter(at => at > 0),
      at => Math.floor(at / 10),
    );
    assert.ok(Math.max(...[...atOnce.values()].map(({ length }) => length)) < 70);
    assert.ok(looks.every(at => at < 5_000));
    assert.ok(looks.filter(at => at >= 4_500).length >= 200, 'each looks again shortly before it ends');
  });

  it('answers what it knows when the store does not answer any more', async () => {
    const { world, wait } = setUp(count => (count === 1 ? Promise.resolve(jobIn('queued')) : new Promise(() => {})));
    const waited = wait(1_000, 30_000);
    await world.pass(1_000);
    const { found, at } = await waited;
    assert.ok(found !== undefined && found !== 'gone' && found.view.state === 'queued');
    assert.equal(at, 1_000);
  });

  it('answers at once when it hears of the end', async () => {
    let state: 'queued' | 'succeeded' = 'queued';
    const { world, signals, wait } = setUp(async () => jobIn(state));
    const waited = wait(20_000, 30_000);
    await world.pass(12_345);
    state = 'succeeded';
    signals.changed.tell(NAME);
    const { found, at } = await waited;
    assert.ok(found !== undefined && found !== 'gone' && found.final);
    assert.equal(at, 12_345);
  });

  it('finds an end that nobody told of', async () => {
    let state: 'queued' | 'succeeded' = 'queued';
    const { world, wait } = setUp(async () => jobIn(state));
    const waited = wait(20_000, 30_000);
    await world.pass(5_000);
    state = 'succeeded';
    await world.pass(2_100);
    const { found, at } = await waited;
    assert.ok(found !== undefined && found !== 'gone' && found.final);
    assert.ok(at <= 7_000);
  });

  it('ends with the call', async () => {
    const leaving = new AbortController();
    const { world, looks, wait } = setUp(async () => jobIn('queued'));
    const waited = wait(20_000, 30_000, leaving.signal);
    await world.pass(3_000);
    leaving.abort();
    assert.equal((await waited).at, 3_000);
    const before = looks.length;
    await world.pass(20_000);
    assert.equal(looks.length, before);
  });
});
