// When a Function falls asleep, and when it wakes.
import assert from 'node:assert/strict';
import { readNumber } from '../../../../k8s/api/kube-object.ts';
import { type Calls, decideSleep, sleeping } from '../../../../k8s/operator/sleep/sleep.ts';
import { deploymentProvider } from '../../../../k8s/providers/deployment/provider.ts';
import { functionOf } from '../../function-of.ts';

const quiet: Calls = { calledAt: 'one', asleepAfter: undefined, quietMs: 0, answers: true };

describe('the sleep of a Function', () => {
  const fn = functionOf({ image: 'a', scale: { idle: '60s' } });

  it('begins when nobody has told of a call for so long that nobody can have called it for its idle time', () => {
    assert.deepEqual(decideSleep(fn, { ...quiet, quietMs: 60_000 }), { asleep: false, lookAgainMs: 30_000 });
    assert.deepEqual(decideSleep(fn, { ...quiet, quietMs: 90_000 }), { asleep: true });
    assert.deepEqual(decideSleep(fn, { ...quiet, calledAt: undefined, quietMs: 90_000 }), { asleep: true });
  });

  it('lasts until the next call is told of, whoever looks then', () => {
    assert.deepEqual(decideSleep(fn, { ...quiet, asleepAfter: 'one' }), { asleep: true });
    assert.equal(decideSleep(fn, { ...quiet, asleepAfter: 'one', calledAt: 'two' }).asleep, false);
    assert.deepEqual(decideSleep(fn, { ...quiet, asleepAfter: 'never', calledAt: undefined }), { asleep: true });
    assert.equal(decideSleep(fn, { ...quiet, asleepAfter: 'never', calledAt: 'one' }).asleep, false);
  });

  it('does not begin before an instance has answered', () => {
    const never = { asleep: false, lookAgainMs: undefined };
    assert.deepEqual(decideSleep(fn, { ...quiet, answers: false, quietMs: 1e9 }), never);
  });

  it('is not for those that others call, or that are to run always', () => {
    const specs = [
      { scale: { min: 1 } },
      { scale: { replicas: 2 } },
      { visibility: 'cluster' },
      { image: undefined, url: 'http://a' },
    ];
    for (const spec of specs) {
      const other = functionOf({ image: 'a', ...spec });
      assert.equal(decideSleep(other, { ...quiet, quietMs: 1e9 }).asleep, false, JSON.stringify(spec));
    }
  });

  it('is no instance at all to what runs it', () => {
    const owner = { apiVersion: 'a', kind: 'Function', name: 'menu', uid: 'u' };
    const wanted = deploymentProvider.wanted(sleeping(fn), { owner, platformNamespace: 'p' });
    const deployment = wanted.find(({ kind }) => kind === 'Deployment');
    assert.equal(readNumber(deployment, 'spec', 'replicas'), 0);
    assert.equal(
      wanted.find(({ kind }) => kind === 'HorizontalPodAutoscaler'),
      undefined,
    );
  });
});
