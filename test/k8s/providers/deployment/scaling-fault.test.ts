// What is told of a Function whose HorizontalPodAutoscaler cannot work.
import assert from 'node:assert/strict';
import { observeDeployment } from '../../../../k8s/providers/deployment/observe-deployment.ts';
import { functionOf, variants } from './functions.ts';

const fn = functionOf(variants['least'] ?? {});
const NOW = Date.parse('2026-01-01T00:00:00Z');
const LONG_AGO_S = 3600;
const NO_METRICS =
  'the HPA was unable to compute the replica count: failed to get cpu utilization: the server could not find the requested resource (get pods.metrics.k8s.io)';

const condition = (type: string, status: string, reason: string, forSeconds = LONG_AGO_S, message = '') => ({
  ...{ type, status, reason, message },
  lastTransitionTime: new Date(NOW - forSeconds * 1000).toISOString(),
});
const able = condition('AbleToScale', 'True', 'SucceededGetScale');
const active = condition('ScalingActive', 'True', 'ValidMetricFound');
const blind = (forSeconds = LONG_AGO_S) =>
  condition('ScalingActive', 'False', 'FailedGetResourceMetric', forSeconds, NO_METRICS);

function observe(conditions: readonly object[] | undefined, available = 2, wanted = 2, name = 'fn-menu') {
  const metadata = { name: 'fn-menu', namespace: 'default', generation: 1 };
  const status = {
    ...{ observedGeneration: 1, replicas: wanted, updatedReplicas: wanted, availableReplicas: available },
  };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: wanted }, status };
  const autoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { ...metadata, name },
    status: conditions === undefined ? {} : { conditions },
  };
  return observeDeployment(fn, { live: [deployment, autoscaler], pods: [], now: NOW });
}

describe('A Function whose autoscaler', () => {
  it('has found no metrics for three minutes says so, with the cause and the way out', () => {
    const { state, cannotScale, lookAgainMs } = observe([able, blind()]);
    assert.deepEqual([state, lookAgainMs], ['ready', undefined]);
    assert.equal(
      cannotScale,
      `Its HorizontalPodAutoscaler fn-menu cannot work (FailedGetResourceMetric): ${NO_METRICS}. Scaling by CPU needs a metrics-server in the cluster, and a CPU request of each container of the pod.`,
    );
    assert.notEqual(observe([able, blind(180)]).cannotScale, undefined);
  });

  it('may find some yet is looked at again, and nothing is said before', () => {
    const early = observe([able, blind(30)]);
    assert.deepEqual([early.cannotScale, early.lookAgainMs], [undefined, 150_000]);
    const untimed = observe([{ ...blind(), lastTransitionTime: undefined }]);
    assert.deepEqual([untimed.cannotScale, untimed.lookAgainMs], [undefined, 180_000]);
  });

  const said: readonly [what: string, failed: object, message: RegExp][] = [
    [
      'does not find what it scales',
      condition('AbleToScale', 'False', 'FailedGetScale', LONG_AGO_S, 'forbidden\u001b[31m!\nby a webhook'),
      /^Its HorizontalPodAutoscaler fn-menu cannot work \(FailedGetScale\): forbidden! by a webhook\.$/,
    ],
    [
      'finds no external metric',
      condition('ScalingActive', 'False', 'FailedGetExternalMetric', LONG_AGO_S, 'no such metric'),
      /no such metric\. Scaling by calls in flight needs .*operator\.inFlightMetric\.$/,
    ],
    [
      'gives no words',
      condition('ScalingActive', 'False', 'InvalidMetricSourceType'),
      /cannot work \(InvalidMetricSourceType\)\.$/,
    ],
    ['says much', condition('ScalingActive', 'False', 'Long', LONG_AGO_S, 'x'.repeat(5000)), /\(Long\): x{499}…$/],
  ];
  for (const [what, failed, message] of said)
    it(`${what} says so`, () => assert.match(observe([failed]).cannotScale ?? '', message));

  const calm: readonly [what: string, observed: ReturnType<typeof observe>][] = [
    ['works', observe([able, active])],
    ['is at its bound', observe([able, active, condition('ScalingLimited', 'True', 'TooManyReplicas')])],
    ['has not been looked at', observe(undefined)],
    ['is that of another', observe([able, blind()], 2, 2, 'fn-other')],
    ['cannot work while no instance answers', observe([able, blind()], 0)],
    ['rests with what it scales', observe([able, condition('ScalingActive', 'False', 'ScalingDisabled')], 0, 0)],
  ];
  for (const [what, { cannotScale, lookAgainMs }] of calm)
    it(`${what} is told nothing of`, () => assert.deepEqual([cannotScale, lookAgainMs], [undefined, undefined]));

  it('cannot work while an instance is missing says so as well', () => {
    const { state, cannotScale } = observe([able, blind()], 1);
    assert.deepEqual([state, cannotScale === undefined], ['partly', false]);
  });
});
