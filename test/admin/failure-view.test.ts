// The newest failure of a consumer, as its condition tells it.
import assert from 'node:assert/strict';
import { newestFailureText } from '../../admin/failure-view.ts';
import type { Gathered } from '../../admin/gathered.ts';
import { conditionsOf } from '../../admin/resource-state.ts';
import { fakeConsumer, fakeFailure } from '../fakes/consumer-report.ts';
import { fakeResource } from '../fakes/platform-view.ts';

const newestFailure = fakeFailure;

describe('the newest failure', () => {
  const readyWith = (more: Parameters<typeof fakeConsumer>[1]) => {
    const wall = fakeResource('Subscription', 'wall');
    const gathered: Gathered = {
      ...{
        at: 0,
        resources: [wall],
        problems: [],
        functions: [],
        calls: [],
        routes: [],
        stranglers: [],
        topics: [],
        views: [],
      },
      ...{ pipelines: [], fanOuts: [], damaged: [], disk: [] },
      consumers: [fakeConsumer('wall', { newestFailure, ...more })],
    };
    const conditions = conditionsOf(wall, gathered);
    return conditions.find(({ type }) => type === 'Ready')?.message ?? '';
  };
  const told = / The newest failure: Error: no price for boom at menu\.ts:12:9 \(trace abc\)$/;

  it('is in the message of a consumer whose keys are parked, or whose target rests', () => {
    assert.match(readyWith({ parkedKeys: 1 }), told);
    assert.match(readyWith({ parkedKeys: 0, state: 'resting' }), told);
  });

  it('is in none once nothing is parked any more', () => {
    assert.match(readyWith({ parkedKeys: 0 }), /0 keys parked\.$/);
  });

  it('is what callers got where the target told no cause', () => {
    assert.equal(
      newestFailureText({ ...newestFailure, cause: undefined }),
      ' The newest failure: Something went wrong on our side',
    );
    assert.equal(newestFailureText(undefined), '');
  });
});
