// The condition Healthy: the worst finding of a resource, beside a Ready that stays as it is.
import assert from 'node:assert/strict';
import type { Gathered } from '../../../admin/gathered.ts';
import { conditionsOf } from '../../../admin/resource-state.ts';
import { fakeConsumer, fakeFailure } from '../../fakes/consumer-report.ts';
import { menu, wall, well } from './well.ts';

describe('the condition Healthy', () => {
  const healthyOf = (resource: typeof wall, gathered: Gathered) =>
    conditionsOf(resource, gathered).find(({ type }) => type === 'Healthy');

  it('is True where nothing is wrong, and False with the worst finding, while Ready stays True', () => {
    assert.deepEqual([healthyOf(wall, well())?.status, healthyOf(wall, well())?.reason], ['True', 'AsExpected']);
    const consumers = [fakeConsumer('wall', { deadLetters: 2, newestFailure: fakeFailure })];
    const { status, reason, message } = healthyOf(wall, well({ consumers })) ?? {};
    assert.deepEqual([status, reason], ['False', 'KeysParked']);
    assert.match(message ?? '', /no price for boom/);
    const ready = conditionsOf(wall, well({ consumers })).find(({ type }) => type === 'Ready');
    assert.equal(ready?.status, 'True');
  });

  it('is False for a Function that a consumer calls in vain, with the cause', () => {
    const consumers = [fakeConsumer('wall', { target: 'function menu', newestFailure: fakeFailure })];
    const { status, reason, message } = healthyOf(menu, well({ consumers })) ?? {};
    assert.deepEqual([status, reason], ['False', 'FailingCalls']);
    assert.match(message ?? '', /^Calls of Subscription wall fail\. .*no price for boom/);
  });

  it('is Unknown where Ready is', () => {
    assert.equal(healthyOf(wall, well({ consumers: undefined }))?.status, 'Unknown');
  });
});
