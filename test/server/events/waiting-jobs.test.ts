// How many jobs wait, from what a dispatcher knows and from positions where
// another process works them.
import assert from 'node:assert/strict';
import type { Bounds, Position } from '../../../drivers/event-log/event-log.ts';
import { countWaitingJobs } from '../../../server/events/waiting-jobs.ts';

const logOf = (bounds: readonly Bounds[] | undefined, positions: readonly (number | undefined)[] = []) => ({
  bounds: async () => bounds,
  positions: async (): Promise<(Position | undefined)[]> =>
    positions.map(offset => (offset === undefined ? undefined : { offset, metadata: '' })),
});

describe('waiting jobs', () => {
  it('are those that the dispatcher knows, and those that came since it read', async () => {
    // One old job runs while 90 behind it are done: positions alone would say 101.
    const log = logOf([{ start: 0, end: 101 }], [0]);
    assert.equal(await countWaitingJobs(log, 'g', 't', [{ partition: 0, lag: 1, end: 91 }]), 11);
  });

  it('are those behind the position where somebody else works them, or nobody yet', async () => {
    const log = logOf(
      [
        { start: 5, end: 10 },
        { start: 0, end: 10 },
        { start: 0, end: 10 },
      ],
      [undefined, 7, 12],
    );
    const views = [{ partition: 1, lag: undefined, end: 3 }];
    assert.equal(await countWaitingJobs(log, 'g', 't', views), 5 + 3 + 0);
  });

  it('are not known without the topic', async () => {
    assert.equal(await countWaitingJobs(logOf(undefined), 'g', 't', []), undefined);
  });
});
