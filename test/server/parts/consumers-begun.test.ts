// A process is ready once its consumers have begun to read, and not before.
import assert from 'node:assert/strict';
import { whyNotReady } from '../../../server/events/event-planes.ts';

const pipelines = { pipelines: [] };
const planes = (missingTopics: readonly string[]) =>
  ({
    plane: { missingTopics, consumers: [] },
    views: { views: [] },
    fanOuts: { fanOuts: [] },
    pipelines,
  }) as unknown as Parameters<typeof whyNotReady>[0];

describe('why a process is not ready for events', () => {
  it('is that its consumers have not begun to read', () => {
    assert.deepEqual(whyNotReady(planes([]), undefined, false), [
      'The consumers of this process have not begun to read yet.',
    ]);
    assert.deepEqual(whyNotReady(planes([]), undefined, true), []);
  });

  it('is what keeps them from it, where that is known', () => {
    for (const hasBegun of [false, true])
      assert.deepEqual(whyNotReady(planes(['orders']), undefined, hasBegun), [
        'The topic orders has not been made yet.',
      ]);
  });
});
