// What the conditions of each kind say while the disk fails that all is kept on.
import assert from 'node:assert/strict';
import { conditionsOf, type Gathered } from '../../admin/resource-state.ts';
import type { AnyResource } from '../../resources/resource.ts';
import { fakeResource } from '../fakes/platform-view.ts';

const GATHERED: Gathered = {
  resources: [],
  problems: [],
  functions: [],
  routes: [],
  stranglers: [],
  topics: [],
  consumers: [],
  views: [],
  pipelines: [],
  fanOuts: [],
  disk: ['There is no space left.'],
};

describe('conditions while the disk fails', () => {
  const kindsOf = {
    DiskFailing: ['Topic', 'Subscription', 'Queue', 'View', 'Pipeline', 'FanOut'],
    other: ['Function', 'Api', 'Aggregate', 'Strangler'],
  } as const;
  const readyOf = (kind: AnyResource['kind']) => conditionsOf(fakeResource(kind, 'one'), GATHERED).at(-1);

  it('are false for all that keeps something, and say why', () => {
    for (const kind of kindsOf.DiskFailing)
      assert.deepEqual(readyOf(kind), {
        type: 'Ready',
        status: 'False',
        reason: 'DiskFailing',
        message: 'There is no space left.',
      });
  });

  it('are what they were for routes and functions', () => {
    for (const kind of kindsOf.other) assert.notEqual(readyOf(kind)?.reason, 'DiskFailing');
  });
});
