// How Knative is told to scale a Function.
import assert from 'node:assert/strict';
import { scalingOf } from '../../../../k8s/providers/knative/scaling.ts';
import { functionOf } from '../deployment/functions.ts';

const scaling = (scale: object) =>
  Object.fromEntries(
    Object.entries(scalingOf(functionOf({ image: 'ghcr.io/acme/menu:1', scale }))).map(([name, value]) => [
      name.replace('autoscaling.knative.dev/', ''),
      value,
    ]),
  );

describe('Knative is told', () => {
  const rows: readonly [idle: string, window: string, retention: string][] = [
    ['1s', '6s', '0s'],
    ['20s', '20s', '0s'],
    ['1m', '60s', '0s'],
    ['5m', '60s', '240s'],
    ['24h', '60s', '3600s'],
  ];
  for (const [idle, window, retention] of rows) {
    it(`that nobody calls for ${idle} by a window of ${window} and ${retention} more`, () => {
      const { window: told, 'scale-to-zero-pod-retention-period': kept } = scaling({ idle });
      assert.deepEqual([told, kept], [window, retention]);
    });
  }

  it('nothing of the last instance where some always stay', () => {
    assert.ok(!('scale-to-zero-pod-retention-period' in scaling({ min: 1 })));
  });

  it('the bounds, and what an instance is to bear', () => {
    const bounds = (scale: object) => {
      const told = scaling(scale);
      return [told['min-scale'], told['max-scale'], told['target'], told['target-utilization-percentage']];
    };
    assert.deepEqual(bounds({ min: 2, max: 5 }), ['2', '5', undefined, '70']);
    assert.deepEqual(bounds({ max: 5, target: 12 }), ['0', '5', '12', '100']);
    assert.deepEqual(bounds({ replicas: 3 }), ['3', '3', undefined, '70']);
  });
});
